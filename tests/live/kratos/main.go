// Command kratos is the real Ory Kratos, built from its Go module: the live tests and the demo need neither an image nor a
// downloaded binary.
package main

import (
	"os"

	"github.com/ory/kratos/cmd"
)

func main() {
	os.Exit(cmd.Execute())
}
