// Makes tests/vectors/interop/ory-cookiex-b86338d with Ory's own codec. No module proxy has that version, so it is run by hand: put
// oryx/cookiex and oryx/aead of github.com/ory/kratos at b86338da04a040247a07f46100a86dcfb3875909 below a go.mod that says
// `module github.com/ory/x`, this file into cookiex/, a main that calls cookiex.Vectors(os.Args[1]), `go mod tidy`, `go run . <folder>`.
// It stands in the codec's package for the sake of its clock.

package cookiex

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	began   = 1_800_000_000 // 2027-01-15T08:00:00Z
	day     = 86_400
	month   = 30 * day
	name    = "app_cookie"
	purpose = "app/session"
	secret  = "a cookie secret of the app, not short"
	older   = "the cookie secret of last year, as long"
)

type pair map[string]string

type vector struct {
	Name     string            `json:"name"`
	MadeBy   string            `json:"made_by"`
	Now      int64             `json:"now"`
	Session  map[string]any    `json:"session"`
	Secrets  map[string]string `json:"secrets"`
	Cookies  []pair            `json:"cookies"`
	Expect   map[string]any    `json:"expect"`
	Library  string            `json:"library"`
	Stricter string            `json:"stricter,omitempty"`
}

func codec(purpose string, now int64, secrets ...string) *Codec[map[string]any] {
	keys := make([][]byte, len(secrets))
	for i, secret := range secrets {
		keys[i] = []byte(secret)
	}
	made, err := New[map[string]any](purpose, keys)
	if err != nil {
		panic(err)
	}
	made.now = func() time.Time { return time.Unix(now, 0) }
	return made
}

func sealed(purpose, name, secret string, at int64, value map[string]any) string {
	text, err := codec(purpose, at, secret).seal(name, value)
	if err != nil {
		panic(err)
	}
	return text
}

// Vectors writes one file per case, with what the codec itself says of it.
func Vectors(folder string) {
	person := map[string]any{"identity": "u42", "email": "ann@example.com", "email_verified": true, "roles": []string{"editor"}}
	with := func(key string, value any) map[string]any {
		changed := map[string]any{}
		for k, v := range person {
			changed[k] = v
		}
		changed[key] = value
		return changed
	}
	without := with("identity", nil)
	delete(without, "identity")
	good := sealed(purpose, name, secret, began, person)
	flip := func(at int) string {
		letter := byte('A')
		if good[at] == letter {
			letter = 'B'
		}
		return good[:at] + string(letter) + good[at+1:]
	}
	session := map[string]any{"sub": "u42", "email": "ann@example.com", "email_verified": true, "roles": []string{"editor"}}
	opens := map[string]any{"session": session}
	none := func(outcome string) map[string]any { return map[string]any{"none": outcome} }
	cases := []struct {
		name, value string
		now         int64
		expect      map[string]any
		stricter    string
	}{
		{"a session", good, began + 60, opens, ""},
		{"the older secret of two", sealed(purpose, name, older, began, person), began + 60, opens, ""},
		{"one second before its end", good, began + month - 1, opens, ""},
		{"a minute from the future", sealed(purpose, name, secret, began+120, person), began + 60, opens, ""},
		{"at its end", good, began + month, none("expired"), "a value lives until its end, not through it"},
		{"a second after its end", good, began + month + 1, none("expired"), ""},
		{"from the future", sealed(purpose, name, secret, began+day, person), began, none("malformed"), "`iat` may be at most 60 seconds ahead"},
		{"another secret", sealed(purpose, name, "a secret that nobody here has, long enough", began, person), began + 60, none("unopened"), ""},
		{"another purpose", sealed("app/other", name, secret, began, person), began + 60, none("unopened"), ""},
		{"another name", sealed(purpose, "other_cookie", secret, began, person), began + 60, none("unopened"), ""},
		{"tampered nonce", flip(5), began + 60, none("unopened"), ""},
		{"tampered ciphertext", flip(60), began + 60, none("unopened"), ""},
		{"tampered tag", flip(len(good) - 4), began + 60, none("unopened"), ""},
		{"cut short", good[:3+(len(good)-27)/4*4], began + 60, none("unopened"), ""},
		{"shorter than a nonce", "v1.AAAA", began + 60, none("malformed"), ""},
		{"nothing behind the prefix", "v1.", began + 60, none("malformed"), ""},
		{"another version", "v2." + good[3:], began + 60, none("malformed"), ""},
		{"without the prefix", good[3:], began + 60, none("malformed"), ""},
		{"padded", good + "=", began + 60, none("malformed"), ""},
		{"another alphabet", "v1.+" + good[4:], began + 60, none("malformed"), ""},
		{"text", "hello", began + 60, none("malformed"), ""},
		{"without subject", sealed(purpose, name, secret, began, without), began + 60, none("malformed"), "a session has a subject"},
		{"a subject that is no text", sealed(purpose, name, secret, began, with("identity", []string{"u42"})), began + 60, none("malformed"), "a session has a subject"},
		{"a session token inside", sealed(purpose, name, secret, began, with("session_token", "ory_st_x")), began + 60, none("malformed"), "an id that only whoami can judge"},
	}
	for _, c := range cases {
		request := &http.Request{Header: http.Header{"Cookie": {name + "=" + c.value}}}
		library := "opens"
		if _, err := codec(purpose, c.now, secret, older).Get(request, name); err != nil {
			library = "refuses"
		}
		written, err := json.MarshalIndent(vector{
			Name: c.name, MadeBy: "oryx/cookiex of ory/kratos b86338da", Now: c.now,
			Session: map[string]any{
				"format": "ory-cookie", "cookie": name, "purpose": purpose, "subject": "/identity", "roles": "/roles",
				"email": "/email", "email_verified": "/email_verified",
				"secrets": []any{map[string]string{"env": "SECRET"}, map[string]string{"env": "OLDER"}},
			},
			Secrets: map[string]string{"SECRET": secret, "OLDER": older},
			Cookies: []pair{{"name": name, "value": c.value}}, Expect: c.expect, Library: library, Stricter: c.stricter,
		}, "", " ")
		if err != nil {
			panic(err)
		}
		file := filepath.Join(folder, strings.ReplaceAll(c.name, " ", "-")+".json")
		if err := os.WriteFile(file, append(written, '\n'), 0o644); err != nil {
			panic(err)
		}
	}
}
