// Command hujson-format formats the texts of a JSON array with Tailscale's library, and prints the results as one.
// An error is an object with its message.
package main

import (
	"encoding/json"
	"log"
	"os"

	"github.com/tailscale/hujson"
)

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		log.Fatal(err)
	}
	results := make([]any, len(texts))
	for i, text := range texts {
		formatted, err := hujson.Format([]byte(text))
		if err != nil {
			results[i] = map[string]string{"error": err.Error()}
			continue
		}
		results[i] = string(formatted)
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		log.Fatal(err)
	}
}
