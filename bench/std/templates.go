// A template filled in many times.
package main

import (
	"fmt"
	"strings"
	"text/template"
)

type row struct {
	Name  string
	Price float64
	Tags  []string
}

func (r row) Upper() string { return strings.ToUpper(r.Name) }

func main() {
	t := template.Must(template.New("rows").Parse(
		`{{range $i, $r := .}}{{$i}}: {{$r.Upper}} {{printf "%.2f" $r.Price}}{{range .Tags}} [{{.}}]{{end}}
{{else}}none{{end}}`))
	rows := make([]row, 300)
	for i := range rows {
		rows[i] = row{fmt.Sprintf("row %d", i), float64(i) * 1.5, []string{"x", "yy"}}
	}
	total := 0
	for range 100 {
		var b strings.Builder
		if err := t.Execute(&b, rows); err != nil {
			panic(err)
		}
		total += b.Len()
	}
	fmt.Println(total)
}
