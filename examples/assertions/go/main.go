// An origin behind the gate: it says who you are.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	verifier, err := configured()
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("{\"ready\":true,\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, handler(verifier)))
}

func configured() (*Verifier, error) {
	audience := os.Getenv("EDGEWARD_AUDIENCE")
	if jwks := os.Getenv("EDGEWARD_JWKS"); jwks != "" {
		return NewPublic(audience, []byte(jwks))
	}
	return NewShared(audience, os.Getenv("EDGEWARD_ASSERTION_SECRET"))
}

func handler(verifier *Verifier) http.Handler {
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		assertions := request.Header.Values("X-Edgeward-Assertion")
		if len(assertions) != 1 {
			response.WriteHeader(http.StatusUnauthorized)
			return
		}
		claims, err := verifier.Verify(assertions[0], time.Now())
		if err != nil {
			response.WriteHeader(http.StatusUnauthorized)
			return
		}
		response.Header().Set("Content-Type", "application/json")
		json.NewEncoder(response).Encode(map[string]any{"sub": claims.Subject, "roles": claims.Roles})
	})
}
