//! The freestanding executable that programs are linked onto: everything is in the library.
#![no_std]
#![no_main]

use goxide_rt as _;
