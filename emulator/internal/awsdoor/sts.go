package awsdoor

import (
	"crypto/rand"
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsquery"
)

// sts gives out credentials. Nobody is refused: any access key is a user's of
// the account, and any role may be assumed.
type sts struct {
	account string
	now     func() time.Time

	mu     sync.Mutex
	issued map[string]identity // by access key
}

// identity is whom an access key of AssumeRole belongs to.
type identity struct {
	arn, id string
	until   time.Time
}

func newSTS(cfg Config) *sts {
	return &sts{account: cfg.Account, now: cfg.Now, issued: map[string]identity{}}
}

// maxIssued bounds the keys that are remembered; beyond it, expired and then
// any are forgotten.
const maxIssued = 10_000

// ServeHTTP answers one call of the query protocol.
func (s *sts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	form, err := awsquery.Parameters(w, r)
	if err != nil {
		s.fail(w, "MalformedQueryString", "the parameters cannot be read", http.StatusBadRequest)
		return
	}
	switch action := form.Get("Action"); action {
	case "GetCallerIdentity":
		s.callerIdentity(w, r)
	case "AssumeRole":
		s.assumeRole(w, form)
	case "":
		s.fail(w, "MissingAction", "the request has no Action", http.StatusBadRequest)
	case "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot", "DecodeAuthorizationMessage",
		"GetAccessKeyInfo", "GetFederationToken", "GetSessionToken", "GetWebIdentityToken", "GetDelegatedAccessToken":
		s.fail(w, "InvalidAction", "not supported by the emulator: sts "+action, http.StatusBadRequest)
	default:
		s.fail(w, "InvalidAction", "Could not find operation "+action+" for version "+form.Get("Version"), http.StatusBadRequest)
	}
}

func (s *sts) fail(w http.ResponseWriter, code, message string, status int) {
	(&awsquery.Error{Code: code, Message: message, Status: status}).Refuse(w, namespaces["sts"])
}

type callerIdentity struct {
	XMLName xml.Name `xml:"GetCallerIdentityResponse"`
	NS      string   `xml:"xmlns,attr"`
	Result  struct {
		Arn     string
		UserID  string `xml:"UserId"`
		Account string
	} `xml:"GetCallerIdentityResult"`
	Metadata awsquery.Metadata `xml:"ResponseMetadata"`
}

func (s *sts) callerIdentity(w http.ResponseWriter, r *http.Request) {
	key := accessKey(r)
	if key == "" {
		s.fail(w, "MissingAuthenticationToken", "Request is missing Authentication Token", http.StatusForbidden)
		return
	}
	out := callerIdentity{NS: namespaces["sts"], Metadata: awsquery.NewMetadata()}
	out.Result.Account = s.account
	s.mu.Lock()
	who, ok := s.issued[key]
	s.mu.Unlock()
	switch {
	case ok && !s.now().Before(who.until):
		s.fail(w, "ExpiredToken", "The security token included in the request is expired", http.StatusForbidden)
		return
	case ok:
		out.Result.Arn, out.Result.UserID = who.arn, who.id
	default:
		out.Result.Arn, out.Result.UserID = "arn:aws:iam::"+s.account+":user/"+key, key
	}
	awsquery.Write(w, http.StatusOK, out)
}

type assumedRole struct {
	XMLName xml.Name `xml:"AssumeRoleResponse"`
	NS      string   `xml:"xmlns,attr"`
	Result  struct {
		Credentials struct {
			AccessKeyID     string `xml:"AccessKeyId"`
			SecretAccessKey string
			SessionToken    string
			Expiration      string
		}
		AssumedRoleUser struct {
			AssumedRoleID string `xml:"AssumedRoleId"`
			Arn           string
		}
		SourceIdentity string `xml:",omitempty"`
	} `xml:"AssumeRoleResult"`
	Metadata awsquery.Metadata `xml:"ResponseMetadata"`
}

var (
	roleARN     = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::(\d{12}):role/(?:.*/)?([\w+=,.@-]{1,64})$`)
	sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
)

func (s *sts) assumeRole(w http.ResponseWriter, form url.Values) {
	role := roleARN.FindStringSubmatch(form.Get("RoleArn"))
	if role == nil {
		s.fail(w, "ValidationError", form.Get("RoleArn")+" is invalid", http.StatusBadRequest)
		return
	}
	name := form.Get("RoleSessionName")
	if !sessionName.MatchString(name) {
		s.fail(w, "ValidationError", `1 validation error detected: Value '`+name+`' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`, http.StatusBadRequest)
		return
	}
	seconds := 3600
	if d := form.Get("DurationSeconds"); d != "" {
		n, err := strconv.Atoi(d)
		if err != nil || n < 900 || n > 43200 {
			s.fail(w, "ValidationError", "1 validation error detected: Value '"+d+"' at 'durationSeconds' failed to satisfy constraint: Member must have value between 900 and 43200", http.StatusBadRequest)
			return
		}
		seconds = n
	}
	until := s.now().Add(time.Duration(seconds) * time.Second)
	out := assumedRole{NS: namespaces["sts"], Metadata: awsquery.NewMetadata()}
	c, u := &out.Result.Credentials, &out.Result.AssumedRoleUser
	c.AccessKeyID = "ASIA" + rand.Text()[:16]
	c.SecretAccessKey = (rand.Text() + rand.Text())[:40]
	c.SessionToken = strings.Repeat(rand.Text(), 4)
	c.Expiration = until.UTC().Format(time.RFC3339)
	u.AssumedRoleID = "AROA" + rand.Text()[:17] + ":" + name
	u.Arn = "arn:" + role[1] + ":sts::" + role[2] + ":assumed-role/" + role[3] + "/" + name
	out.Result.SourceIdentity = form.Get("SourceIdentity")
	s.remember(c.AccessKeyID, identity{arn: u.Arn, id: u.AssumedRoleID, until: until})
	awsquery.Write(w, http.StatusOK, out)
}

func (s *sts) remember(key string, who identity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.issued) >= maxIssued {
		now := s.now()
		for k, v := range s.issued {
			if !now.Before(v.until) {
				delete(s.issued, k)
			}
		}
		for k := range s.issued {
			if len(s.issued) < maxIssued {
				break
			}
			delete(s.issued, k)
		}
	}
	s.issued[key] = who
}
