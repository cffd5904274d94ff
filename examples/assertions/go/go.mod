module example.com/edgeward-origin

go 1.25
