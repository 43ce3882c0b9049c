// main.go DSN: what the tests have sentry-go send; see ../node/app.js.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/getsentry/sentry-go"
)

type answer struct {
	Step    string          `json:"step"`
	ID      *sentry.EventID `json:"id,omitempty"`
	Flushed bool            `json:"flushed,omitempty"`
	Absent  bool            `json:"absent,omitempty"`
}

func say(a answer) {
	text, _ := json.Marshal(a)
	fmt.Println(string(text))
}

func raised() *sentry.EventID {
	var id *sentry.EventID
	sentry.WithScope(func(scope *sentry.Scope) {
		scope.SetLevel(sentry.LevelFatal)
		scope.SetTag("part", "cart")
		id = sentry.CaptureException(fmt.Errorf("cannot read the cart: %w", errors.New("bad")))
	})
	return id
}

func attachment() *sentry.EventID {
	var id *sentry.EventID
	sentry.WithScope(func(scope *sentry.Scope) {
		data := make([]byte, 2048)
		for i := range data {
			data[i] = byte(i)
		}
		scope.AddAttachment(&sentry.Attachment{Filename: "notes.bin", Payload: data})
		id = sentry.CaptureMessage("with a file")
	})
	return id
}

func checkIn() *sentry.EventID {
	config := &sentry.MonitorConfig{Schedule: sentry.CrontabSchedule("0 3 * * *"), CheckInMargin: 5, MaxRuntime: 30,
		Timezone: "Etc/UTC"}
	one := sentry.CaptureCheckIn(&sentry.CheckIn{MonitorSlug: "nightly", Status: sentry.CheckInStatusInProgress}, config)
	sentry.CaptureCheckIn(&sentry.CheckIn{ID: *one, MonitorSlug: "nightly", Status: sentry.CheckInStatusOK,
		Duration: 2500 * time.Millisecond}, config)
	return nil
}

func leveled(text string, level sentry.Level) *sentry.EventID {
	var id *sentry.EventID
	sentry.WithScope(func(scope *sentry.Scope) {
		scope.SetLevel(level)
		id = sentry.CaptureMessage(text)
	})
	return id
}

func limited() *sentry.EventID {
	for n := 0; n < 28; n++ {
		leveled(fmt.Sprintf("limited %d", n), sentry.LevelInfo)
		sentry.Flush(2 * time.Second)
		time.Sleep(250 * time.Millisecond)
	}
	return nil
}

func crash() {
	defer func() {
		say(answer{Step: "crash", ID: sentry.CurrentHub().Recover(recover())})
		sentry.Flush(10 * time.Second)
		os.Exit(2)
	}()
	panic("nobody catches this")
}

func main() {
	err := sentry.Init(sentry.ClientOptions{Dsn: os.Args[1], Release: "sdk-live@1.0", Environment: "testing",
		ServerName: "box", AttachStacktrace: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	sentry.ConfigureScope(func(scope *sentry.Scope) {
		scope.SetTag("runner", "go")
		scope.SetUser(sentry.User{ID: "u-7", Email: "jane@example.org"})
	})
	sentry.AddBreadcrumb(&sentry.Breadcrumb{Category: "auth", Message: "login", Level: sentry.LevelInfo})
	sentry.AddBreadcrumb(&sentry.Breadcrumb{Category: "cart", Message: "added 3"})
	steps := map[string]func() *sentry.EventID{"error": raised, "attachment": attachment, "check-in": checkIn,
		"limited": limited,
		"message": func() *sentry.EventID { return leveled("Disk is 91% full", sentry.LevelWarning) }}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		step, text, _ := strings.Cut(in.Text(), " ")
		if step == "crash" {
			crash()
		}
		do, known := steps[step]
		if step == "say" {
			do, known = func() *sentry.EventID { return leveled(text, sentry.LevelInfo) }, true
		}
		if !known { // session, feedback
			say(answer{Step: step, Absent: true})
			continue
		}
		id := do()
		say(answer{Step: step, ID: id, Flushed: sentry.Flush(10 * time.Second)})
	}
}
