package pgwire

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Compression of what the server sends is asked for with a startup parameter,
// as a protocol extension. It is nowhere documented; AWS's ODBC driver has it in
// zpq_stream.c and fe-connect.c, its JDBC driver in CompressedInputStream. What
// the client sends is never compressed: neither driver does it.
const compressionOption = "_pq_.compression"

// The messages of compression. They are not among those of a statement: they
// carry these.
const (
	msgPacked    = 'm' // CompressedData
	msgSetMethod = 'k' // SetCompression: an index into the acknowledged list
	msgAck       = 'z' // CompressionAck: the list of what the server will use
)

const (
	// maxPacked bounds one CompressedData; ODBC's driver takes 256 KB.
	maxPacked = 1 << 20
	// maxAck bounds a CompressionAck.
	maxAck = 1024
)

// method is a way of compressing.
type method struct {
	name  string
	level int
}

func (m method) String() string { return m.name + ":" + strconv.Itoa(m.level) }

// methods reads a list like "zstd:3,lz4". A method without a level has level 1,
// the drivers' default.
func methods(list string) ([]method, error) {
	if list == "" {
		return nil, nil
	}
	var all []method
	for item := range strings.SplitSeq(list, ",") {
		name, level, found := strings.Cut(item, ":")
		m := method{strings.ToLower(name), 1}
		if found {
			var err error
			if m.level, err = strconv.Atoi(level); err != nil || m.level < -1<<16 || m.level > 22 {
				return nil, fmt.Errorf("the level of %q is no number up to 22", name)
			}
		}
		if codecs[m.name] == nil {
			return nil, fmt.Errorf("%q is neither lz4 nor zstd", name)
		}
		if slices.ContainsFunc(all, func(o method) bool { return o.name == m.name }) {
			return nil, fmt.Errorf("%q comes twice", name)
		}
		all = append(all, m)
	}
	return all, nil
}

// compressionParameter is the startup parameter's value, empty for none. Levels
// are always said, as the drivers do.
func compressionParameter(list string) string {
	all, err := methods(list)
	if err != nil {
		return "" // Validate has refused it
	}
	words := make([]string, len(all))
	for i, m := range all {
		words[i] = m.String()
	}
	return strings.Join(words, ",")
}

// codec unpacks the CompressedData of one method, which are one stream.
type codec interface {
	// feed takes a body, which stays valid until next has given nothing.
	feed(body []byte) error
	// next gives some of what was packed, valid until the next call, and nothing
	// when it wants more.
	next() ([]byte, error)
}

// codecs are the methods by name.
var codecs = map[string]func() codec{
	"lz4":  func() codec { return &lz4Stream{} },
	"zstd": func() codec { return &zstdStream{} },
}

// unpacker is the stream of messages without compression: it takes out the
// messages of compression and puts in what they carry. Like frames, which it
// reads whole messages with, it goes on after a timeout as if there had been none.
type unpacker struct {
	in      *frames
	out     []byte // to be given
	agreed  []method
	current int // of agreed
	codec   codec
	packed  bool // codec may have more
	err     error
}

func newUnpacker(r io.Reader) *unpacker { return &unpacker{in: newFrames(r), current: -1} }

// Read implements io.Reader.
func (u *unpacker) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		if err := u.step(); err != nil {
			if !isTimeout(err) {
				u.err = err
			}
			return 0, err
		}
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

// step takes one message in, or what is left of one.
func (u *unpacker) step() (err error) {
	if u.packed {
		u.out, err = u.codec.next()
		u.packed = err == nil && len(u.out) > 0
		return err
	}
	typ, body, err := u.in.next()
	if err != nil {
		return err
	}
	switch typ {
	case msgAck:
		if len(body) > maxAck {
			return &protocolError{"an acknowledgement of compression is too long"}
		}
		// In the middle of a session it is a fail-over: all begins anew.
		if u.agreed, err = methods(strings.TrimRight(string(body), "\x00")); err != nil {
			return &protocolError{"the acknowledgement of compression: " + err.Error()}
		}
		u.codec, u.current = nil, -1
	case msgSetMethod:
		if len(body) != 1 || int(body[0]) >= len(u.agreed) {
			return &protocolError{"it sets a compression that was not agreed on"}
		}
		// A method that is set again goes on.
		if i := int(body[0]); i != u.current {
			u.current, u.codec = i, codecs[u.agreed[i].name]()
		}
	case msgPacked:
		if u.codec == nil {
			return &protocolError{"compressed data came before its method"}
		}
		if len(body) > maxPacked {
			return &protocolError{"compressed data is too long"}
		}
		u.packed = true
		return u.codec.feed(body)
	default:
		u.out = u.in.whole(body)
	}
	return nil
}

// buffered is how many bytes were read and not given.
func (u *unpacker) buffered() int { return u.in.buffered() + len(u.out) }
