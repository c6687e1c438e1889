package wire_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/llm-dev-ops/redshift/emulator/internal/wire"
)

// TestScripts plays testdata/*: each case is a connection. The client sends what
// the case holds, closes its side, and everything that comes back is shown, and
// what the session was asked to do.
//
//	messages   after a login, whose answers are left out
//	raw        from the first byte
//
// With "bytes" the answer is shown byte for byte, and with "version" the client asks
// for that version of the protocol.
func TestScripts(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata/script", func(t *testing.T, path string) {
		t.Parallel()
		b := start(t, func(c *wire.Config) {
			c.Auth = wire.Cleartext
			c.MaxMessage = 1 << 20
		})
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			in, letters, err := compile(d.Input)
			if err != nil {
				d.Fatalf(t, "%v", err)
			}
			version := 0
			if d.HasArg("version") {
				d.ScanArgs(t, "version", &version)
			}
			if d.Cmd == "messages" {
				in = append(greetAt(version, "awsuser", password, "dev"), in...)
			}
			answer := exchange(t, b.address, in)
			var f *fake
			select {
			case f = <-b.opened:
			default:
			}
			if d.Cmd == "messages" {
				_, answer, _ = bytes.Cut(answer, []byte("Z\x00\x00\x00\x05I"))
			}
			var out strings.Builder
			if d.HasArg("bytes") {
				out.WriteString(hex.Dump(answer))
			} else {
				n := min(letters, len(answer))
				if n > 0 {
					fmt.Fprintf(&out, "%q\n", answer[:n])
				}
				out.WriteString(messagesAt(version, answer[n:]))
			}
			for _, line := range logOf(f) {
				out.WriteString("# " + line + "\n")
			}
			return out.String()
		})
	})
}

func logOf(f *fake) []string {
	if f == nil {
		return nil
	}
	return f.taken()
}

// exchange sends everything, closes that side, and gives all that comes back.
func exchange(t testing.TB, address string, in []byte) []byte {
	t.Helper()
	nc, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(patience))
	if _, err := nc.Write(in); err != nil {
		t.Fatal(err)
	}
	_ = nc.(*net.TCPConn).CloseWrite()
	out, err := io.ReadAll(nc)
	if err != nil && !strings.Contains(err.Error(), "reset by peer") {
		t.Fatal(err)
	}
	return out
}

func encode(m pgproto3.Message) []byte {
	b, err := m.Encode(nil)
	if err != nil {
		panic(err)
	}
	return b
}

// greet is what a client sends to log in with a cleartext password.
func greet(user, password, database string) []byte {
	return greetAt(0, user, password, database)
}

// greetAt is greet by a client that asks for a version of Redshift's protocol.
func greetAt(version int, user, password, database string) []byte {
	parameters := map[string]string{"user": user, "database": database}
	if version > 0 {
		parameters["client_protocol_version"] = strconv.Itoa(version)
	}
	return append(
		encode(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: parameters}),
		encode(&pgproto3.PasswordMessage{Password: password})...)
}

// compile makes bytes of a script, and says how many answers of one letter it
// asks for.
func compile(script string) (out []byte, letters int, err error) {
	for line := range strings.Lines(script) {
		kind, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		words := strings.Fields(rest)
		word := func(i int) string {
			if i >= len(words) || words[i] == "-" {
				return ""
			}
			return words[i]
		}
		var m pgproto3.Message
		switch kind {
		case "SSLRequest":
			letters++
			m = &pgproto3.SSLRequest{}
		case "GSSEncRequest":
			letters++
			m = &pgproto3.GSSEncRequest{}
		case "Startup": // version name=value …
			version, _ := strconv.Atoi(word(0))
			s := &pgproto3.StartupMessage{ProtocolVersion: uint32(version), Parameters: map[string]string{}}
			for _, w := range words[1:] {
				name, value, _ := strings.Cut(w, "=")
				s.Parameters[name] = value
			}
			m = s
		case "Password":
			m = &pgproto3.PasswordMessage{Password: rest}
		case "Cancel":
			m = &pgproto3.CancelRequest{ProcessID: 42, SecretKey: []byte("1234")}
		case "Query":
			m = &pgproto3.Query{String: rest}
		case "Parse": // name types sql
			p := &pgproto3.Parse{Name: word(0), Query: strings.Join(words[2:], " ")}
			p.ParameterOIDs = numbers[uint32](word(1))
			m = p
		case "Bind": // portal statement [args=a,b formats=0 results=1]
			p := &pgproto3.Bind{DestinationPortal: word(0), PreparedStatement: word(1)}
			for _, w := range words[2:] {
				name, value, _ := strings.Cut(w, "=")
				switch name {
				case "args":
					for v := range strings.SplitSeq(value, ",") {
						arg := []byte(v)
						if v == "NULL" {
							arg = nil
						}
						p.Parameters = append(p.Parameters, arg)
					}
				case "formats":
					p.ParameterFormatCodes = numbers[int16](value)
				case "results":
					p.ResultFormatCodes = numbers[int16](value)
				}
			}
			m = p
		case "Describe":
			m = &pgproto3.Describe{ObjectType: word(0)[0], Name: word(1)}
		case "Execute":
			n, _ := strconv.ParseInt(word(1), 10, 64)
			m = &pgproto3.Execute{Portal: word(0), MaxRows: uint32(n)}
		case "Close":
			m = &pgproto3.Close{ObjectType: word(0)[0], Name: word(1)}
		case "Sync":
			m = &pgproto3.Sync{}
		case "Flush":
			m = &pgproto3.Flush{}
		case "Terminate":
			m = &pgproto3.Terminate{}
		case "CopyData":
			m = &pgproto3.CopyData{Data: []byte(rest)}
		case "CopyDone":
			m = &pgproto3.CopyDone{}
		case "CopyFail":
			m = &pgproto3.CopyFail{Message: rest}
		case "FunctionCall":
			m = &pgproto3.FunctionCall{Function: 1}
		case "Bytes": // a Go string
			s, err := strconv.Unquote(rest)
			if err != nil {
				return nil, 0, fmt.Errorf("%s: %w", line, err)
			}
			out = append(out, s...)
			continue
		default:
			return nil, 0, fmt.Errorf("what is %q?", line)
		}
		b, err := m.Encode(nil)
		if err != nil {
			return nil, 0, err
		}
		out = append(out, b...)
	}
	return out, letters, nil
}

func numbers[T int16 | uint32](list string) (ns []T) {
	if list == "" {
		return nil
	}
	for s := range strings.SplitSeq(list, ",") {
		n, _ := strconv.Atoi(s)
		ns = append(ns, T(n))
	}
	return ns
}

// messagesAt is messages of a version of Redshift's protocol, in which pgproto3 cannot
// read RowDescription.
func messagesAt(version int, b []byte) string {
	if version == 0 {
		return messages(b)
	}
	var out strings.Builder
	for len(b) >= 5 {
		n := 1 + int(binary.BigEndian.Uint32(b[1:]))
		if n < 5 || n > len(b) {
			break
		}
		if b[0] == 'T' {
			out.WriteString(described(b[5:n]))
		} else {
			out.WriteString(messages(b[:n]))
		}
		b = b[n:]
	}
	return out.String()
}

// described shows an extended RowDescription.
func described(body []byte) string {
	var out strings.Builder
	n := binary.BigEndian.Uint16(body)
	fmt.Fprintf(&out, "RowDescription of %d\n", n)
	body = body[2:]
	text := func() string {
		s, rest, _ := bytes.Cut(body, []byte{0})
		body = rest
		return string(s)
	}
	for range n {
		fmt.Fprintf(&out, "  %s", text())
		u16, u32 := binary.BigEndian.Uint16, binary.BigEndian.Uint32
		fmt.Fprintf(&out, " table %d.%d type %d size %d mod %d format %d,", u32(body), u16(body[4:]), u32(body[6:]), int16(u16(body[10:])), int32(u32(body[12:])), u16(body[16:]))
		body = body[18:]
		fmt.Fprintf(&out, " schema %q table %q column %q catalog %q", text(), text(), text(), text())
		fmt.Fprintf(&out, " flags %016b\n", u16(body))
		body = body[2:]
	}
	if len(body) > 0 {
		fmt.Fprintf(&out, "! %d bytes more\n", len(body))
	}
	return out.String()
}

// messages shows what a server sent, a line for a message.
func messages(b []byte) string {
	var out strings.Builder
	fe := pgproto3.NewFrontend(bytes.NewReader(b), io.Discard)
	for {
		m, err := fe.Receive()
		if err != nil {
			if err != io.EOF && err != io.ErrUnexpectedEOF {
				fmt.Fprintln(&out, "!", err)
			}
			return out.String()
		}
		fmt.Fprintln(&out, show(m))
	}
}

func show(m pgproto3.BackendMessage) string {
	name := strings.TrimPrefix(fmt.Sprintf("%T", m), "*pgproto3.")
	switch m := m.(type) {
	case *pgproto3.ReadyForQuery:
		return name + " " + string(m.TxStatus)
	case *pgproto3.CommandComplete:
		return name + " " + string(m.CommandTag)
	case *pgproto3.ParameterStatus:
		return name + " " + m.Name + "=" + m.Value
	case *pgproto3.BackendKeyData:
		return fmt.Sprintf("%s, a secret of %d bytes", name, len(m.SecretKey))
	case *pgproto3.NegotiateProtocolVersion:
		return fmt.Sprintf("%s %d.%d %q", name, m.NewestMinorProtocol>>16, m.NewestMinorProtocol&0xffff, m.UnrecognizedOptions)
	case *pgproto3.ParameterDescription:
		return fmt.Sprint(name, " ", m.ParameterOIDs)
	case *pgproto3.RowDescription:
		for _, f := range m.Fields {
			name += fmt.Sprintf(" %s(table %d.%d type %d size %d mod %d format %d)", f.Name, f.TableOID, f.TableAttributeNumber, f.DataTypeOID, f.DataTypeSize, f.TypeModifier, f.Format)
		}
	case *pgproto3.DataRow:
		for _, v := range m.Values {
			if v == nil {
				name += " NULL"
			} else {
				name += fmt.Sprintf(" %q", v)
			}
		}
	case *pgproto3.ErrorResponse:
		name += fmt.Sprintf(" %s %s %s", m.Severity, m.Code, m.Message)
		for _, extra := range []struct{ name, value string }{{"detail", m.Detail}, {"hint", m.Hint}, {"V", m.SeverityUnlocalized}} {
			if extra.value != "" {
				name += " / " + extra.name + " " + extra.value
			}
		}
		if m.Position != 0 {
			name += fmt.Sprintf(" / at %d", m.Position)
		}
	case *pgproto3.NoticeResponse:
		name += fmt.Sprintf(" %s %s %s", m.Severity, m.Code, m.Message)
	}
	return name
}
