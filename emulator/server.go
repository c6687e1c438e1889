package emulator

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/llm-dev-ops/redshift/emulator/internal/awsdoor"
	"github.com/llm-dev-ops/redshift/emulator/internal/catalog"
	"github.com/llm-dev-ops/redshift/emulator/internal/controldoor"
	"github.com/llm-dev-ops/redshift/emulator/internal/datadoor"
	"github.com/llm-dev-ops/redshift/emulator/internal/dynamodoor"
	"github.com/llm-dev-ops/redshift/emulator/internal/engine"
	"github.com/llm-dev-ops/redshift/emulator/internal/event"
	"github.com/llm-dev-ops/redshift/emulator/internal/faults"
	"github.com/llm-dev-ops/redshift/emulator/internal/gluedoor"
	"github.com/llm-dev-ops/redshift/emulator/internal/iam"
	"github.com/llm-dev-ops/redshift/emulator/internal/login"
	"github.com/llm-dev-ops/redshift/emulator/internal/objstore"
	"github.com/llm-dev-ops/redshift/emulator/internal/s3door"
	"github.com/llm-dev-ops/redshift/emulator/internal/secretdoor"
	"github.com/llm-dev-ops/redshift/emulator/internal/session"
	"github.com/llm-dev-ops/redshift/emulator/internal/wire"
)

// ErrNoCgo is the answer of Start in a program that was built without cgo.
var ErrNoCgo = engine.ErrNoCgo

// padbVersion names the build in version() and in ParameterStatus. It follows
// the form of a real one (r_VERSION.md).
const padbVersion = "1.0.100000"

// Server is a running emulator. Its methods may be called by any goroutine.
type Server struct {
	cfg      Config
	wireAddr string
	awsAddr  string
	caCert   []byte
	logins   login.Table // temporary passwords
	faults   *faults.Set
	iam      *iam.Directory
	paused   atomic.Bool // the cluster is

	close []func(context.Context) error // in order of closing
	doors sync.WaitGroup
	once  sync.Once
	err   error
}

// Start opens a server: when it returns every door is open. ctx covers the
// start alone; Close ends the server. Without cgo the error is ErrNoCgo.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg.withDefaults(), faults: faults.New()}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// closing adds what is to be closed before all that was added earlier.
func (s *Server) closing(f func(context.Context) error) {
	s.close = append([]func(context.Context) error{f}, s.close...)
}

func (s *Server) start(ctx context.Context) error {
	cfg := s.cfg
	if cfg.Faults != nil {
		if err := s.faults.Replace(cfg.Faults); err != nil {
			return err
		}
	}
	s.iam = iam.Open(account, time.Now)
	if cfg.IAM != nil {
		var err error
		if s.iam, err = iam.New(account, time.Now, cfg.IAM); err != nil {
			return err
		}
	}
	database, staging, objects, err := s.folders()
	if err != nil {
		return err
	}
	store, err := objstore.Open(objstore.Config{Dir: objects})
	if err != nil {
		return fmt.Errorf("emulator: object store: %w", err)
	}
	s.closing(func(context.Context) error { return store.Close() })
	if err := sweep(staging); err != nil { // the store's lock says that it is ours
		return fmt.Errorf("emulator: staging: %w", err)
	}
	if err := store.CreateBucketIn(ctx, cfg.Bucket, cfg.Region); err != nil && !errors.Is(err, objstore.ErrBucketExists) {
		return fmt.Errorf("emulator: bucket: %w", err)
	}
	db, err := engine.Open(ctx, engine.Config{Path: database, MemoryLimit: cfg.MemoryLimit, Threads: cfg.Threads, StagingDir: staging})
	if err != nil {
		return fmt.Errorf("emulator: engine: %w", err)
	}
	s.closing(func(context.Context) error { return db.Close() })
	cat, err := openCatalog(ctx, db, cfg)
	if err != nil {
		return err
	}
	tables, err := s.openTables()
	if err != nil {
		return err
	}
	log := event.New(event.Config{})
	core := session.New(session.Config{
		DB: db, Catalog: cat, Log: log, Store: store, Faults: s.faults, Staging: staging, Tables: tables, Directory: s.iam,
		DefaultRole: cfg.Role, Region: cfg.Region, Serverless: cfg.Serverless,
		SingleNode: cfg.SingleNode, IdleTransaction: cfg.IdleTransaction, IdleSession: cfg.IdleSession, Version: padbVersion,
	})
	s.closing(core.Shutdown)
	if err := core.Register(); err != nil {
		return err
	}
	if err := s.openWire(core, log); err != nil {
		return err
	}
	return s.openAWS(store, tables, core, cat)
}

func openCatalog(ctx context.Context, db *engine.DB, cfg Config) (*catalog.Catalog, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	p := login.NewPassword(cfg.User, cfg.Password)
	cat, err := catalog.Open(ctx, conn, catalog.Config{
		Database: cfg.Database, User: cfg.User, MD5: p.MD5, SHA256: hex.EncodeToString(p.SHA256), Salt: hex.EncodeToString(p.Salt),
	})
	return cat, errors.Join(err, conn.Close())
}

// folders makes the folders of the server: DataDir's, or a temporary one for
// what DuckDB can only read from files.
func (s *Server) folders() (database, staging, objects string, err error) {
	if s.cfg.DataDir == "" {
		staging, err = os.MkdirTemp("", "redshift-emulator-")
		if err != nil {
			return "", "", "", fmt.Errorf("emulator: %w", err)
		}
		s.closing(func(context.Context) error { return os.RemoveAll(staging) })
		return "", staging, "", nil
	}
	dir, err := filepath.Abs(s.cfg.DataDir)
	if err != nil {
		return "", "", "", fmt.Errorf("emulator: DataDir: %w", err)
	}
	database, staging, objects = filepath.Join(dir, "redshift.duckdb"), filepath.Join(dir, "staging"), filepath.Join(dir, "s3")
	for _, d := range []string{dir, staging, objects} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return "", "", "", fmt.Errorf("emulator: DataDir: %w", err)
		}
	}
	return database, staging, objects, nil
}

// sweep empties the folder that an earlier process may have left files in.
func sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) openWire(core *session.Core, log *event.Log) error {
	cfg := s.cfg
	config := wire.Config{
		Open: core.Open, Logger: cfg.Logger,
		Auth: string(cfg.Auth), Token: cfg.Token,
		Lookup: func(user string) []login.Password { return s.passwords(core, user) },
		Intercept: func(ctx context.Context, user string, pid int32, operation string) error {
			if s.paused.Load() {
				return gone(operation)
			}
			return struck(ctx, s.faults, user, pid, operation)
		},
		OnConnection: (&connections{log: log, begun: map[string]event.Handle[event.Connection]{}}).record,
	}
	host, _, _ := net.SplitHostPort(cfg.Listen)
	switch cfg.TLS {
	case TLSAuto:
		cert, pem, err := selfSigned(host)
		if err != nil {
			return fmt.Errorf("emulator: certificate: %w", err)
		}
		s.caCert = pem
		config.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	case TLSGiven:
		config.TLS = &tls.Config{Certificates: []tls.Certificate{cfg.Certificate}, MinVersion: tls.VersionTLS12}
	}
	door := wire.New(config)
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("emulator: wire protocol: %w", err)
	}
	s.wireAddr = l.Addr().String()
	s.closing(door.Shutdown)
	s.doors.Go(func() {
		if err := door.Serve(l); err != nil && !errors.Is(err, net.ErrClosed) {
			cfg.Logger.Error("wire protocol", "error", err)
		}
	})
	return nil
}

// passwords are those of a user.
func (s *Server) passwords(core *session.Core, user string) []login.Password {
	all := s.logins.Passwords(user)
	if p, ok := core.Password(user); ok {
		all = append(all, p)
	}
	return all
}

// openTables opens DynamoDB's tables.
func (s *Server) openTables() (*dynamodoor.Door, error) {
	dir, err := s.folder("dynamodb")
	if err != nil {
		return nil, err
	}
	tables, err := dynamodoor.New(dynamodoor.Config{Region: s.cfg.Region, Dir: dir, Logger: s.cfg.Logger})
	if err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	s.closing(func(context.Context) error { return tables.Close() })
	return tables, nil
}

// openGlue opens the Data Catalog.
func (s *Server) openGlue() (*gluedoor.Door, error) {
	dir, err := s.folder("glue")
	if err != nil {
		return nil, err
	}
	glue, err := gluedoor.New(gluedoor.Config{Dir: dir, Logger: s.cfg.Logger})
	if err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	return glue, nil
}

// folder makes a service's folder in DataDir; in memory there is none.
func (s *Server) folder(name string) (string, error) {
	if s.cfg.DataDir == "" {
		return "", nil
	}
	dir := filepath.Join(s.cfg.DataDir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("emulator: DataDir: %w", err)
	}
	return dir, nil
}

func (s *Server) openAWS(store *objstore.Store, tables *dynamodoor.Door, core *session.Core, cat *catalog.Catalog) error {
	cfg := s.cfg
	services, secrets, err := s.services(store, core)
	if err != nil {
		return err
	}
	glue, err := s.openGlue()
	if err != nil {
		return err
	}
	data := datadoor.New(datadoor.Config{
		Open: core.Open, Catalog: cat.Committed, Cluster: cfg.Cluster, Workgroup: cfg.Workgroup,
		User: cfg.User, Secret: secrets.Secret,
		Login: func(user, password string) bool {
			return slices.ContainsFunc(s.passwords(core, user), func(p login.Password) bool { return p.Is(user, password) })
		},
		Limits: datadoor.Limits(cfg.DataAPI), Logger: cfg.Logger,
	})
	services["redshift-data"], services["dynamodb"], services["glue"] = data, tables, glue
	l, err := net.Listen("tcp", cfg.AWSListen)
	if err != nil {
		return errors.Join(fmt.Errorf("emulator: AWS endpoint: %w", err), data.Close(context.Background()))
	}
	s.awsAddr = l.Addr().String()
	door := &http.Server{
		Handler: awsdoor.New(awsdoor.Config{
			S3:       s3door.New(store, s3door.Config{Region: cfg.Region, Logger: cfg.Logger}),
			Services: services, Directory: s.iam, Faults: s.faults, EndSession: data.EndSession,
			Logger: cfg.Logger,
		}),
		ReadHeaderTimeout: 30 * time.Second,
		MaxHeaderBytes:    64 << 10,
	}
	s.closing(func(ctx context.Context) error {
		s.faults.Release()
		err := data.Close(ctx) // whoever waits for a statement is answered
		if e := door.Shutdown(ctx); e != nil {
			return errors.Join(err, e, door.Close())
		}
		return err
	})
	s.doors.Go(func() {
		if err := door.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			cfg.Logger.Error("AWS endpoint", "error", err)
		}
	})
	return nil
}

// services are those that log clients in: the control plane and the secrets,
// among which is the superuser's.
func (s *Server) services(store *objstore.Store, core *session.Core) (map[string]http.Handler, *secretdoor.Door, error) {
	cfg := s.cfg
	host, text, err := net.SplitHostPort(s.wireAddr)
	if err != nil {
		return nil, nil, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, nil, err
	}
	file := ""
	if cfg.DataDir != "" {
		file = filepath.Join(cfg.DataDir, "secrets.json")
	}
	secrets, err := secretdoor.New(secretdoor.Config{Region: cfg.Region, File: file})
	if err != nil {
		return nil, nil, fmt.Errorf("emulator: %w", err)
	}
	own, err := json.Marshal(map[string]any{
		"engine": "redshift", "username": cfg.User, "password": cfg.Password, "host": host, "port": port, "dbname": cfg.Database, "dbClusterIdentifier": cfg.Cluster,
	})
	if err != nil {
		return nil, nil, err
	}
	if err := secrets.Set(cfg.Cluster+"/"+cfg.User, string(own)); err != nil {
		return nil, nil, fmt.Errorf("emulator: %w", err)
	}
	cluster, serverless := controldoor.New(controldoor.Config{
		Region: cfg.Region, Cluster: cfg.Cluster, Workgroup: cfg.Workgroup, Database: cfg.Database, User: cfg.User,
		Host: host, Port: port, Created: time.Now(), HasUser: core.HasUser, MakeUser: core.MakeUser, Join: core.JoinGroups, Issue: s.logins.Issue,
		HasBucket: func(name string) bool {
			_, err := store.HeadBucket(context.Background(), name)
			return err == nil
		}, Serve: func(on bool) { s.paused.Store(!on) },
	})
	return map[string]http.Handler{"redshift": cluster, "redshift-serverless": serverless, "secretsmanager": secrets}, secrets, nil
}

// Close drains: idle connections end at once, what runs may finish until ctx
// ends and is cancelled then. It is idempotent; every call gives the first's
// error.
func (s *Server) Close(ctx context.Context) error {
	s.once.Do(func() {
		var errs []error
		for _, f := range s.close {
			errs = append(errs, f(ctx))
		}
		s.doors.Wait()
		s.err = errors.Join(errs...)
	})
	return s.err
}

// WireAddr is the address of the wire protocol.
func (s *Server) WireAddr() string { return s.wireAddr }

// AWSEndpoint is the URL of the HTTP endpoint, for AWS_ENDPOINT_URL.
func (s *Server) AWSEndpoint() string { return "http://" + s.awsAddr }

// URL is the URL of the database with user and password.
func (s *Server) URL() string {
	u := url.URL{
		Scheme: "redshift", User: url.UserPassword(s.cfg.User, s.cfg.Password),
		Host: s.wireAddr, Path: "/" + s.cfg.Database,
	}
	return u.String()
}

// Config is the configuration with its defaults.
func (s *Server) Config() Config { return s.cfg }

// CACert is the PEM certificate that verifies the server with TLSAuto, else nil.
func (s *Server) CACert() []byte { return s.caCert }
