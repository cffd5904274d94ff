package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"time"
)

// Claims are what the gate says of the visitor.
type Claims struct {
	Issuer    string   `json:"iss"`
	Audience  string   `json:"aud"`
	Subject   string   `json:"sub"`
	SessionID string   `json:"sid"`
	IssuedAt  int64    `json:"iat"`
	Expires   int64    `json:"exp"`
	AuthTime  int64    `json:"auth_time"`
	AAL       string   `json:"aal"`
	Roles     []string `json:"roles"`
	Email     string   `json:"email"`
	Verified  bool     `json:"email_verified"`
}

// ErrAssertion is all that a client learns.
var ErrAssertion = errors.New("no valid assertion")

const (
	lifetime  = 60 // seconds
	tolerance = 5  // of two clocks
	longest   = 8192
)

// Verifier holds one kind of key, and so one algorithm: never the one that a token names.
type Verifier struct {
	audience string
	alg      string
	public   map[string]*ecdsa.PublicKey
	secret   []byte
}

// NewShared verifies HS256 with the secret shared with the gate.
func NewShared(audience, secret string) (*Verifier, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "edgeward assertion v1", 32)
	if err != nil || len(secret) < 32 {
		return nil, errors.New("the secret needs 32 bytes or more")
	}
	return &Verifier{audience: audience, alg: "HS256", secret: key}, nil
}

// NewPublic verifies ES256 with the gate's public keys, a JWK Set.
func NewPublic(audience string, jwks []byte) (*Verifier, error) {
	var set struct {
		Keys []struct{ Kid, Kty, Crv, X, Y string }
	}
	if err := json.Unmarshal(jwks, &set); err != nil {
		return nil, err
	}
	keys := map[string]*ecdsa.PublicKey{}
	for _, jwk := range set.Keys {
		x, errX := base64.RawURLEncoding.DecodeString(jwk.X)
		y, errY := base64.RawURLEncoding.DecodeString(jwk.Y)
		if jwk.Kty != "EC" || jwk.Crv != "P-256" || jwk.Kid == "" || errX != nil || errY != nil {
			return nil, errors.New("the JWK Set has a key that is none for ES256, or none with a kid")
		}
		// Refuses what is not on the curve.
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), bytes.Join([][]byte{{4}, x, y}, nil))
		if err != nil {
			return nil, err
		}
		keys[jwk.Kid] = key
	}
	return &Verifier{audience: audience, alg: "ES256", public: keys}, nil
}

// Verify gives the claims of an assertion that is good at now.
func (v *Verifier) Verify(assertion string, now time.Time) (*Claims, error) {
	parts := strings.Split(assertion, ".")
	if len(assertion) > longest || len(parts) != 3 {
		return nil, ErrAssertion
	}
	var header struct {
		Alg, Typ, Kid string
		Crit          []string
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil || decode(parts[0], &header) != nil {
		return nil, ErrAssertion
	}
	if header.Alg != v.alg || header.Typ != "edgeward-assertion+jwt" || header.Crit != nil {
		return nil, ErrAssertion
	}
	if !v.signed([]byte(parts[0]+"."+parts[1]), signature, header.Kid) {
		return nil, ErrAssertion
	}
	var claims Claims
	if decode(parts[1], &claims) != nil {
		return nil, ErrAssertion
	}
	at := now.Unix()
	fresh := claims.IssuedAt <= at+tolerance && at < claims.Expires && claims.Expires-claims.IssuedAt <= lifetime
	if claims.Issuer != "edgeward" || claims.Audience != v.audience || claims.Subject == "" || !fresh {
		return nil, ErrAssertion
	}
	return &claims, nil
}

func (v *Verifier) signed(input, signature []byte, kid string) bool {
	if v.alg == "HS256" {
		mac := hmac.New(sha256.New, v.secret)
		mac.Write(input)
		return hmac.Equal(mac.Sum(nil), signature)
	}
	key := v.public[kid]
	if key == nil || len(signature) != 64 {
		return false
	}
	digest := sha256.Sum256(input)
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return ecdsa.Verify(key, digest[:], r, s)
}

func decode(part string, into any) error {
	text, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
