package awsdoor

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsquery"
	"github.com/llm-dev-ops/redshift/emulator/internal/iam"
)

// sts gives out credentials.
type sts struct {
	account   string
	directory *iam.Directory
}

func newSTS(cfg Config) *sts { return &sts{account: cfg.Account, directory: cfg.Directory} }

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
		s.assumeRole(w, r, form)
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
	who := iam.Caller(r.Context())
	if who.ARN == "" {
		s.fail(w, "MissingAuthenticationToken", "Request is missing Authentication Token", http.StatusForbidden)
		return
	}
	out := callerIdentity{NS: namespaces["sts"], Metadata: awsquery.NewMetadata()}
	out.Result.Account, out.Result.Arn, out.Result.UserID = s.account, who.ARN, who.ID
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

func (s *sts) assumeRole(w http.ResponseWriter, r *http.Request, form url.Values) {
	if !roleARN.MatchString(form.Get("RoleArn")) {
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
	who, given, err := s.directory.AssumeRole(iam.Caller(r.Context()), form.Get("RoleArn"), name, time.Duration(seconds)*time.Second)
	if err != nil {
		s.fail(w, "AccessDenied", err.Error(), http.StatusForbidden)
		return
	}
	out := assumedRole{NS: namespaces["sts"], Metadata: awsquery.NewMetadata()}
	c, u := &out.Result.Credentials, &out.Result.AssumedRoleUser
	c.AccessKeyID, c.SecretAccessKey, c.SessionToken = given.AccessKey, given.Secret, given.Token
	c.Expiration = given.Until.UTC().Format(time.RFC3339)
	u.AssumedRoleID, u.Arn = who.ID, who.ARN
	out.Result.SourceIdentity = form.Get("SourceIdentity")
	awsquery.Write(w, http.StatusOK, out)
}
