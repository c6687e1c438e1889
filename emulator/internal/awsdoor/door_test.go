package awsdoor

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func named(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Served-By", name)
		_, _ = w.Write(body)
	})
}

func scoped(service string) string {
	return "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/" + service + "/aws4_request, SignedHeaders=host, Signature=00"
}

func request(t *testing.T, method, target, body string, header ...string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

const form = "application/x-www-form-urlencoded; charset=utf-8"

func TestWhoServes(t *testing.T) {
	t.Parallel()
	door := New(Config{S3: named("s3"), Services: map[string]http.Handler{
		"redshift-data": named("redshift-data"), "redshift": named("redshift"), "glue": named("glue"),
	}})
	for _, c := range []struct {
		want string
		r    *http.Request
	}{
		{"s3", request(t, "GET", "/", "")},
		{"s3", request(t, "PUT", "/bucket/key", "data", "Authorization", scoped("s3"))},
		{"s3", request(t, "GET", "/bucket//key?X-Amz-Credential=A%2F20260102%2Fus-east-1%2Fs3%2Faws4_request", "")},
		{"s3", request(t, "POST", "/bucket", "x", "Content-Type", "multipart/form-data; boundary=b")},
		{"s3", request(t, "PUT", "/bucket/key", "Action=GetCallerIdentity&Version=2011-06-15", "Authorization", scoped("s3"), "Content-Type", form)},
		{"s3", request(t, "POST", "/bucket?delete", "Action=x&Version=2011-06-15", "Content-Type", form)},
		{"redshift-data", request(t, "POST", "/", "{}", "X-Amz-Target", "RedshiftData.ExecuteStatement")},
		{"redshift-data", request(t, "POST", "/", "{}", "Authorization", scoped("redshift-data"))},
		{"redshift", request(t, "POST", "/", "Action=DescribeClusters&Version=2012-12-01", "Content-Type", form)},
		{"redshift", request(t, "POST", "/", "Action=DescribeClusters", "Authorization", scoped("redshift"), "Content-Type", form)},
		{"redshift", request(t, "GET", "/?Action=DescribeClusters&Version=2012-12-01", "")},
		{"glue", request(t, "POST", "/", "{}", "X-Amz-Target", "AWSGlue.GetTable", "Authorization", scoped("glue"))},
		{"glue", request(t, "POST", "/", "{}", "X-Amz-Target", "Newer.GetTable", "Authorization", "AWS4-ECDSA-P256-SHA256 Credential=A/20260102/glue/aws4_request, Signature=0")},
	} {
		w := httptest.NewRecorder()
		door.ServeHTTP(w, c.r)
		if got := w.Header().Get("X-Served-By"); got != c.want {
			t.Errorf("%s %s (%v) was served by %q, not %q", c.r.Method, c.r.URL, c.r.Header, got, c.want)
		}
		if strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") && w.Body.Len() == 0 {
			t.Errorf("%s %s: the body was taken away", c.r.Method, c.r.URL)
		}
	}
}

func TestNotBuilt(t *testing.T) {
	t.Parallel()
	door := New(Config{S3: named("s3")})
	for _, c := range []struct {
		r    *http.Request
		want []string
	}{
		{request(t, "POST", "/", "{}", "X-Amz-Target", "secretsmanager.GetSecretValue"), []string{`"__type":"UnknownOperationException"`, "not supported by the emulator: secretsmanager GetSecretValue"}},
		{request(t, "POST", "/", "{}", "X-Amz-Target", "DynamoDB_20120810.Scan"), []string{"not supported by the emulator: dynamodb Scan"}},
		{request(t, "POST", "/", "{}", "X-Amz-Target", "Nobody.Knows"), []string{"not supported by the emulator: nobody Knows"}},
		{request(t, "POST", "/", "Action=DescribeClusters&Version=2012-12-01", "Content-Type", form), []string{"<Code>InvalidAction</Code>", "not supported by the emulator: redshift DescribeClusters", "doc/2012-12-01/"}},
		{request(t, "GET", "/restapis", "", "Authorization", scoped("apigateway")), []string{"not supported by the emulator: apigateway"}},
	} {
		w := httptest.NewRecorder()
		door.ServeHTTP(w, c.r)
		if w.Code != 400 {
			t.Errorf("%s %s: %d", c.r.Method, c.r.URL, w.Code)
		}
		for _, want := range c.want {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s does not say %s", w.Body, want)
			}
		}
	}
}

func TestSTS(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	door := New(Config{S3: named("s3"), Now: func() time.Time { return now }})
	call := func(key string, values url.Values) (int, string) {
		values.Set("Version", "2011-06-15")
		header := []string{"Content-Type", form}
		if key != "" {
			header = append(header, "Authorization", strings.Replace(scoped("sts"), "AKIDEXAMPLE", key, 1))
		}
		w := httptest.NewRecorder()
		door.ServeHTTP(w, request(t, "POST", "/", values.Encode(), header...))
		return w.Code, w.Body.String()
	}
	action := func(name string, more ...string) url.Values {
		v := url.Values{"Action": {name}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	status, body := call("AKIDEXAMPLE", action("GetCallerIdentity"))
	if status != 200 || !strings.Contains(body, "<Arn>arn:aws:iam::123456789012:user/AKIDEXAMPLE</Arn>") || !strings.Contains(body, "<Account>123456789012</Account>") {
		t.Errorf("%d %s", status, body)
	}
	status, body = call("AKIDEXAMPLE", action("AssumeRole", "RoleArn", "arn:aws:iam::123456789012:role/path/Loader", "RoleSessionName", "me", "DurationSeconds", "900"))
	var role assumedRole
	if err := xml.Unmarshal([]byte(body), &role); err != nil || status != 200 {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	c := role.Result.Credentials
	if !strings.HasPrefix(c.AccessKeyID, "ASIA") || len(c.SecretAccessKey) != 40 || c.SessionToken == "" || c.Expiration != "2026-01-02T03:19:05Z" {
		t.Errorf("the credentials are %+v", c)
	}
	const arn = "arn:aws:sts::123456789012:assumed-role/Loader/me"
	if role.Result.AssumedRoleUser.Arn != arn {
		t.Errorf("the user is %+v", role.Result.AssumedRoleUser)
	}
	if _, body = call(c.AccessKeyID, action("GetCallerIdentity")); !strings.Contains(body, "<Arn>"+arn+"</Arn>") {
		t.Error(body)
	}
	now = now.Add(15 * time.Minute)
	if status, body = call(c.AccessKeyID, action("GetCallerIdentity")); status != 403 || !strings.Contains(body, "<Code>ExpiredToken</Code>") {
		t.Errorf("%d %s", status, body)
	}
	for _, x := range []struct {
		key    string
		values url.Values
		code   string
	}{
		{"", action("GetCallerIdentity"), "MissingAuthenticationToken"},
		{"A", action("AssumeRole", "RoleArn", "Loader", "RoleSessionName", "me"), "ValidationError"},
		{"A", action("AssumeRole", "RoleArn", "arn:aws:iam::123456789012:role/Loader"), "ValidationError"},
		{"A", action("AssumeRole", "RoleArn", "arn:aws:iam::123456789012:role/Loader", "RoleSessionName", "me", "DurationSeconds", "1"), "ValidationError"},
		{"A", action("GetSessionToken"), "InvalidAction"},
		{"A", action("Nonsense"), "InvalidAction"},
		{"A", url.Values{}, "MissingAction"},
	} {
		if status, body := call(x.key, x.values); status < 400 || !strings.Contains(body, "<Code>"+x.code+"</Code>") {
			t.Errorf("%v: %d %s", x.values, status, body)
		}
	}
}

func FuzzService(f *testing.F) {
	f.Add("POST", "/", "X-Amz-Target", "RedshiftData.ExecuteStatement", "{}")
	f.Add("POST", "/", "Authorization", scoped("sts"), "Action=GetCallerIdentity&Version=2011-06-15")
	f.Add("GET", "/b/k?X-Amz-Credential=a%2Fb%2Fc%2Fd%2Faws4_request", "Content-Type", form, "")
	door := New(Config{S3: named("s3")})
	f.Fuzz(func(t *testing.T, method, target, name, value, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			t.Skip()
		}
		r := &http.Request{Method: method, URL: u, Header: http.Header{name: {value}}, Body: io.NopCloser(strings.NewReader(body))}
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
