package transporttest

import (
	"fmt"

	"github.com/llm-dev-ops/redshift/transport"
)

func text(oid transport.OID, s string) transport.Param {
	return transport.Param{OID: oid, Value: []byte(s)}
}

var params = []test{
	{"text, with and without a type", func(e *env) {
		s := e.session()
		for _, oid := range []transport.OID{0, transport.OIDUnknown, transport.OIDVarchar} {
			for _, v := range []string{"x", "", `it's a \ "$1" é`} {
				got, _ := e.query(s, SelectText, text(oid, v))
				if len(got) != 1 || got[0][0] != v {
					e.Errorf("type %d: sent %q, got %q", oid, v, got)
				}
			}
		}
	}},
	{"NULL", func(e *env) {
		s := e.session()
		for _, oid := range []transport.OID{0, transport.OIDUnknown, transport.OIDVarchar} {
			got, _ := e.query(s, SelectText, transport.Param{OID: oid})
			if len(got) != 1 || got[0][0] != null {
				e.Errorf("type %d: got %q", oid, got)
			}
		}
	}},
	{"several", func(e *env) {
		got, _ := e.query(e.session(), SelectSum, text(transport.OIDInt4, "40"), text(transport.OIDInt4, "-2"))
		if len(got) != 1 || got[0][0] != "38" {
			e.Errorf("got %q", got)
		}
	}},
	{"binary, or refused", func(e *env) {
		s := e.session()
		run, err := s.Start(e.ctx, transport.Statement{SQL: SelectSum, Params: []transport.Param{
			{OID: transport.OIDInt4, Format: transport.Binary, Value: []byte{0, 0, 1, 0}},
			text(transport.OIDInt4, "1"),
		}})
		if !e.caps.BinaryParams {
			if err == nil {
				err = run.Wait(e.ctx)
			}
			e.wantUnsupported("BinaryParams", err)
			return
		}
		if err != nil {
			e.Fatal(err)
		}
		res, err := run.Result(e.ctx)
		if err != nil {
			e.Fatal(err)
		}
		if got, _, err := read(res); err != nil || fmt.Sprint(got) != "[[257]]" {
			e.Errorf("got %v, %v", got, err)
		}
	}},
}
