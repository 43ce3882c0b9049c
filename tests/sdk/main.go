// main.go DSN MODE: what the tests have Debian's sentry-go send; see app.js.
package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/getsentry/sentry-go"
)

type checking struct {
	bad int
}

func (c *checking) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || answer.StatusCode != 200 {
		c.bad++
	}
	return answer, err
}

func said(name string, id *sentry.EventID) {
	fmt.Printf("{\"name\":%q,\"id\":%q}\n", name, *id)
}

func main() {
	dsn, mode := os.Args[1], os.Args[2]
	check := &checking{}
	err := sentry.Init(sentry.ClientOptions{Dsn: dsn, Release: "sdk-test@1.0", Environment: "testing",
		ServerName: "box", AttachStacktrace: true, HTTPTransport: check})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	sentry.ConfigureScope(func(scope *sentry.Scope) { scope.SetTag("runner", "go") })
	switch mode {
	case "main":
		sentry.ConfigureScope(func(scope *sentry.Scope) {
			scope.SetUser(sentry.User{ID: "u-7", Email: "jane@example.org"})
			scope.SetLevel(sentry.LevelWarning)
		})
		sentry.AddBreadcrumb(&sentry.Breadcrumb{Category: "auth", Message: "login"})
		sentry.AddBreadcrumb(&sentry.Breadcrumb{Category: "cart", Message: "added 3"})
		said("message", sentry.CaptureMessage("Disk is 91% full"))
		sentry.WithScope(func(scope *sentry.Scope) {
			scope.SetLevel(sentry.LevelFatal)
			scope.SetTag("part", "cart")
			said("error", sentry.CaptureException(fmt.Errorf("cannot read the cart: %w", errors.New("bad"))))
		})
	case "crash":
		defer func() {
			said("crash", sentry.CurrentHub().Recover(recover()))
			if !sentry.Flush(10*time.Second) || check.bad > 0 {
				os.Exit(3)
			}
			os.Exit(2)
		}()
		panic("nobody catches this")
	case "limited":
		for n := 0; n < 40; n++ {
			said("limited", sentry.CaptureMessage(fmt.Sprintf("limited %d", n)))
			sentry.Flush(2 * time.Second)
			time.Sleep(250 * time.Millisecond)
		}
		return
	}
	if !sentry.Flush(10*time.Second) || check.bad > 0 {
		fmt.Fprintln(os.Stderr, "not all was taken")
		os.Exit(1)
	}
}
