// Values to JSON and back.
package main

import (
	"encoding/json"
	"fmt"
)

type address struct {
	Street string `json:"street"`
	Number int    `json:"number,omitempty"`
}

type person struct {
	Name    string             `json:"name"`
	Age     int                `json:"age"`
	Tags    []string           `json:"tags"`
	Home    *address           `json:"home"`
	Weights map[string]float64 `json:"weights"`
}

func main() {
	people := make([]person, 500)
	for i := range people {
		people[i] = person{
			Name: fmt.Sprintf("person %d", i), Age: i % 90, Tags: []string{"a", "b\"c", "é"},
			Home: &address{"street", i}, Weights: map[string]float64{"x": float64(i) / 7, "y": 1e21},
		}
	}
	total := 0
	for range 60 {
		text, err := json.Marshal(people)
		if err != nil {
			panic(err)
		}
		var back []person
		if err := json.Unmarshal(text, &back); err != nil {
			panic(err)
		}
		var loose any
		if err := json.Unmarshal(text, &loose); err != nil {
			panic(err)
		}
		total += len(text) + len(back) + len(loose.([]any))
	}
	fmt.Println(total)
}
