package controldoor

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsquery"
	"github.com/llm-dev-ops/redshift/emulator/internal/iam"
)

type grant struct {
	DbUser          string
	DbPassword      string
	Expiration      string
	NextRefreshTime string `xml:",omitempty"`
}

// asked are the checks that both kinds of credentials share.
func (c *clusters) asked(form url.Values) (seconds int, fault *awsquery.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, fault := c.find(form); fault != nil {
		return 0, fault
	}
	text := form.Get("DurationSeconds")
	if text == "" {
		return minDuration, nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < minDuration || seconds > maxDuration {
		return 0, &awsquery.Error{Code: "InvalidParameterValue", Message: "Duration must be between 900 and 3600 seconds."}
	}
	return seconds, nil
}

// members are a list of a form: name.member.1, or name.element.1.
func members(form url.Values, name, element string) []string {
	var all []string
	for i := 1; ; i++ {
		n := strconv.Itoa(i)
		v := form.Get(name + "." + element + "." + n)
		if v == "" {
			v = form.Get(name + ".member." + n)
		}
		if v == "" {
			return all
		}
		all = append(all, v)
	}
}

func (c *clusters) credentials(r *http.Request, form url.Values) (any, *awsquery.Error) {
	seconds, fault := c.asked(form)
	if fault != nil {
		return nil, fault
	}
	user := form.Get("DbUser")
	if user == "" {
		return nil, &awsquery.Error{Code: "MissingParameter", Message: "The request must contain the parameter DbUser."}
	}
	auto := form.Get("AutoCreate") == "true"
	prefix := prefixUser
	if auto {
		prefix = prefixAuto
	}
	g, fault := c.give(r, prefix+user, user, auto, seconds)
	if fault != nil {
		return nil, fault
	}
	groups := members(form, "DbGroups", "DbGroup")
	for i, g := range groups {
		groups[i] = strings.ToLower(g)
	}
	if len(groups) > 0 && c.cfg.HasUser(user) {
		if err := c.cfg.Join(r.Context(), user, groups); err != nil {
			return nil, &awsquery.Error{Code: "InvalidParameterValue", Message: err.Error()}
		}
	}
	return g, nil
}

func (c *clusters) credentialsWithIAM(r *http.Request, form url.Values) (any, *awsquery.Error) {
	seconds, fault := c.asked(form)
	if fault != nil {
		return nil, fault
	}
	who := iam.Caller(r.Context())
	if who.ARN == "" {
		return nil, &awsquery.Error{Code: "MissingAuthenticationToken", Message: "Request is missing Authentication Token", Status: http.StatusForbidden}
	}
	return c.give(r, who.DBUser(), who.DBUser(), true, seconds)
}

func (c *clusters) give(r *http.Request, name, stored string, auto bool, seconds int) (any, *awsquery.Error) {
	name, password, until, err := c.cfg.login(r.Context(), name, stored, auto, seconds)
	if err != nil {
		return nil, &awsquery.Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	return grant{DbUser: name, DbPassword: password, Expiration: until.UTC().Format(time.RFC3339)}, nil
}

// logging is where a cluster's audit log goes.
type logging struct {
	LoggingEnabled     bool
	BucketName         string   `xml:",omitempty"`
	S3KeyPrefix        string   `xml:",omitempty"`
	LogDestinationType string   `xml:",omitempty"`
	LogExports         []string `xml:"LogExports>member,omitempty"`
}

func (c *clusters) setLogging(form url.Values, set func() (logging, *awsquery.Error)) (any, *awsquery.Error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, fault := c.find(form)
	if fault != nil {
		return nil, fault
	}
	if set != nil {
		next, fault := set()
		if fault != nil {
			return nil, fault
		}
		k.logging = next
	}
	return k.logging, nil
}

func (c *clusters) loggingStatus(_ *http.Request, form url.Values) (any, *awsquery.Error) {
	return c.setLogging(form, nil)
}

func (c *clusters) disableLogging(_ *http.Request, form url.Values) (any, *awsquery.Error) {
	return c.setLogging(form, func() (logging, *awsquery.Error) { return logging{}, nil })
}

// enableLogging notes where the log is to go. None is written.
func (c *clusters) enableLogging(_ *http.Request, form url.Values) (any, *awsquery.Error) {
	return c.setLogging(form, func() (logging, *awsquery.Error) {
		l := logging{LoggingEnabled: true, LogDestinationType: form.Get("LogDestinationType"), LogExports: members(form, "LogExports", "member")}
		if l.LogDestinationType == "cloudwatch" {
			return l, nil
		}
		l.BucketName, l.S3KeyPrefix = form.Get("BucketName"), form.Get("S3KeyPrefix")
		if !c.cfg.HasBucket(l.BucketName) {
			return l, &awsquery.Error{Code: "BucketNotFoundFault", Message: "Could not find the bucket: " + l.BucketName}
		}
		return l, nil
	})
}
