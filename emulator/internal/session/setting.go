package session

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones are the same wherever the emulator runs
)

// setting is one session parameter (Configuration reference: r_*.md).
type setting struct {
	def string
	// check gives the value's canonical form, or says what is allowed.
	check func(value string) (string, error)
	// report: the server tells changes (ParameterStatus), under this name.
	report string
	// fixed: SHOW works, SET does not.
	fixed bool
}

// sessionSettings are the parameters by name. Those that change nothing in the
// emulator (result cache, concurrency scaling, Spectrum …) are kept and shown.
var sessionSettings = map[string]setting{
	"analyze_threshold_percent":               {def: "10", check: number(0, 100)},
	"cast_super_null_on_error":                {def: "on", check: onOff},
	"datashare_break_glass_session_var":       {check: anyText},
	"datestyle":                               {def: "ISO, MDY", check: checkDateStyle, report: "DateStyle"},
	"default_array_search_null_handling":      {def: "true", check: trueFalse},
	"default_geometry_encoding":               {def: "2", check: oneOf("1", "2")},
	"describe_field_name_in_uppercase":        {def: "off", check: onOff},
	"downcase_delimited_identifier":           {def: "on", check: onOff},
	"enable_case_sensitive_identifier":        {def: "false", check: trueFalse},
	"enable_case_sensitive_super_attribute":   {def: "false", check: trueFalse},
	"enable_numeric_rounding":                 {def: "off", check: onOff},
	"enable_result_cache_for_session":         {def: "on", check: onOff},
	"enable_spectrum_oid":                     {def: "true", check: trueFalse},
	"enable_vacuum_boost":                     {def: "false", check: trueFalse},
	"error_on_nondeterministic_update":        {def: "false", check: trueFalse},
	"extra_float_digits":                      {def: "0", check: number(-15, 2)},
	"interval_forbid_composite_literals":      {def: "true", check: trueFalse},
	"intervalstyle":                           {def: "postgres", check: oneOf("postgres", "postgres_verbose", "sql_standard")},
	"json_serialization_enable":               {def: "false", check: trueFalse},
	"json_serialization_parse_nested_strings": {def: "false", check: trueFalse},
	"max_concurrency_scaling_clusters":        {def: "1", check: number(0, 10)},
	"max_cursor_result_set_size":              {def: "0", check: number(0, 14_400_000)},
	"mv_enable_aqmv_for_session":              {def: "true", check: trueFalse},
	"navigate_super_null_on_error":            {def: "on", check: onOff},
	"parse_super_null_on_error":               {def: "off", check: onOff},
	"pg_federation_repeatable_read":           {def: "on", check: onOff},
	"query_group":                             {def: "unset", check: anyText},
	"search_path":                             {def: "$user, public", check: anyText},
	"seed":                                    {check: number(0, 1)},
	"spectrum_enable_pseudo_columns":          {def: "true", check: trueFalse},
	"spectrum_query_maxerror":                 {def: "-1", check: number(-1<<31, 1<<31-1)},
	"statement_timeout":                       {def: "0", check: number(0, 1<<31-1)},
	"stored_proc_log_min_messages":            {def: "LOG", check: oneOf("LOG", "INFO", "NOTICE", "WARNING", "EXCEPTION")},
	"timezone":                                {def: "UTC", check: timeZone, report: "TimeZone"},
	"use_fips_ssl":                            {def: "false", check: trueFalse},
	"wlm_query_slot_count":                    {def: "1", check: number(1, 50)},

	// PostgreSQL's that Redshift's drivers set or ask for.
	"application_name":      {check: anyText, report: "application_name"},
	"client_encoding":       {def: "UTF8", check: clientEncoding, report: "client_encoding"},
	"client_min_messages":   {def: "notice", check: oneOf("debug", "debug5", "debug4", "debug3", "debug2", "debug1", "log", "info", "notice", "warning", "error", "fatal", "panic")},
	"transaction_isolation": {def: "serializable", fixed: true},
	"is_superuser":          {fixed: true},
	"session_authorization": {fixed: true},
	"server_encoding":       {def: "UTF8", fixed: true},
	"integer_datetimes":     {def: "on", fixed: true},
	"max_identifier_length": {def: "127", fixed: true},

	// What AWS's ODBC driver tells for the audit log.
	"client_domain_name": {check: anyText}, "client_host_name": {check: anyText},
	"client_ip_address": {check: anyText}, "client_user_name": {check: anyText},
	"client_driver_type": {check: anyText}, "client_driver_version": {check: anyText},
	"client_os_name": {check: anyText},
}

// settingName folds a name as SET knows it.
func settingName(name string) string {
	name = strings.ToLower(name)
	if name == "time zone" {
		return "timezone"
	}
	return name
}

func unknownSetting(name string) *Error {
	return &Error{State: "42704", Message: fmt.Sprintf("unrecognized configuration parameter %q", name)}
}

func anyText(v string) (string, error) { return v, nil }

func boolean(v string) (bool, bool) {
	switch strings.ToLower(v) {
	case "on", "true", "yes", "1", "t":
		return true, true
	case "off", "false", "no", "0", "f":
		return false, true
	}
	return false, false
}

func onOff(v string) (string, error) {
	b, ok := boolean(v)
	if !ok {
		return "", fmt.Errorf("it takes on or off")
	}
	if b {
		return "on", nil
	}
	return "off", nil
}

func trueFalse(v string) (string, error) {
	b, ok := boolean(v)
	if !ok {
		return "", fmt.Errorf("it takes true or false")
	}
	return strconv.FormatBool(b), nil
}

func number(low, high float64) func(string) (string, error) {
	return func(v string) (string, error) {
		f, err := strconv.ParseFloat(v, 64)
		if err != nil || f < low || f > high {
			return "", fmt.Errorf("it takes a number from %v to %v", low, strconv.FormatFloat(high, 'f', -1, 64))
		}
		return v, nil
	}
}

func oneOf(values ...string) func(string) (string, error) {
	return func(v string) (string, error) {
		i := slices.IndexFunc(values, func(x string) bool { return strings.EqualFold(x, v) })
		if i < 0 {
			return "", fmt.Errorf("it takes one of %s", strings.Join(values, ", "))
		}
		return values[i], nil
	}
}

func timeZone(v string) (string, error) {
	if strings.EqualFold(v, "utc") || strings.EqualFold(v, "gmt") || v == "" {
		return strings.ToUpper(v), nil
	}
	if strings.EqualFold(v, "local") {
		return "", fmt.Errorf("it takes a time zone name")
	}
	if loc, err := time.LoadLocation(v); err == nil {
		return loc.String(), nil
	}
	return "", fmt.Errorf("the emulator knows the names of the IANA time zone database, such as America/New_York")
}

func clientEncoding(v string) (string, error) {
	switch strings.ToUpper(strings.ReplaceAll(v, "-", "")) {
	case "UTF8", "UNICODE":
		return "UTF8", nil
	}
	return "", fmt.Errorf("it takes UTF8")
}

// searchPath is the list of schema names in a search_path's value.
func searchPath(value, user string) []string {
	var path []string
	for name := range strings.SplitSeq(value, ",") {
		name = strings.Trim(strings.TrimSpace(name), `'"`)
		if strings.EqualFold(name, "$user") {
			name = user
		}
		if name != "" && !slices.Contains(path, name) {
			path = append(path, name)
		}
	}
	return path
}
