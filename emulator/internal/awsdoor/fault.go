package awsdoor

import (
	"net/http"

	"github.com/llm-dev-ops/redshift/emulator/internal/faults"
)

// fault does what the rules say about a request, and tells whether that was all.
func (d *door) fault(w http.ResponseWriter, r *http.Request, name string, what called) bool {
	do := d.cfg.Faults.Decide(name, what.operation, what.resources...)
	if d.cfg.Faults.Wait(r.Context(), do.Delay) != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
	switch do.Action {
	case faults.Throttle:
		throttled(name).refuse(w, r, name)
	case faults.Error:
		refusal{do.Code, do.Message, do.Status}.refuse(w, r, name)
	case faults.Drop:
		panic(http.ErrAbortHandler)
	case faults.Timeout:
		d.cfg.Faults.Silence(r.Context(), do.Silence)
		panic(http.ErrAbortHandler)
	case faults.Lose:
		d.serve(&nowhere{header: http.Header{}}, r, name)
		panic(http.ErrAbortHandler)
	case faults.Kill:
		if what.session != "" {
			d.cfg.EndSession(what.session)
		}
		return false // the service says what a dead session's answer is
	default:
		return false
	}
	return true
}

// nowhere takes an answer that nobody gets.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header         { return n.header }
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n *nowhere) WriteHeader(int)             {}

// throttled is a service's refusal of too many calls.
func throttled(name string) refusal {
	switch name {
	case "s3":
		return refusal{"SlowDown", "Please reduce your request rate.", http.StatusServiceUnavailable}
	case "dynamodb":
		return refusal{"ProvisionedThroughputExceededException", "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.", http.StatusBadRequest}
	case "redshift", "sts", "iam":
		return refusal{"Throttling", "Rate exceeded", http.StatusBadRequest}
	}
	return refusal{"ThrottlingException", "Rate exceeded", http.StatusBadRequest}
}
