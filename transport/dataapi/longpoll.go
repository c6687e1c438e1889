package dataapi

import "time"

// waitersExceeded is the code of a call that was not to wait, because too many do.
const waitersExceeded = "ActiveWaitingRequestsExceededException"

const (
	// maxLongPolls bounds the calls of a transport that wait, each of which holds a
	// connection; how many the service takes is not documented.
	maxLongPolls = 100
	// longPollMin is what tells an answer that was held back from one that was not.
	longPollMin = time.Second
	// longPollRest is how long none is tried when there were too many.
	longPollRest = 30 * time.Second
)

// longPoll is how many seconds the service is to hold an answer back, 0 for not.
func (s *service) longPoll() int {
	if s.longPolls.Load() >= maxLongPolls || time.Now().UnixNano() < s.pollUntil.Load() {
		return 0
	}
	return int(min(s.cfg.LongPoll, s.cfg.CallTimeout/2) / time.Second)
}

func (s *service) noLongPolls() { s.pollUntil.Store(time.Now().Add(longPollRest).UnixNano()) }
