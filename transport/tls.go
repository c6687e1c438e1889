package transport

// TLSMode is how a connection is encrypted and whom it trusts.
type TLSMode string

// The TLS modes, with the names of libpq's sslmode.
const (
	// TLSDefault is Prefer for a loopback address and VerifyFull elsewhere.
	TLSDefault TLSMode = ""
	// TLSDisable: never TLS.
	TLSDisable TLSMode = "disable"
	// TLSPrefer: TLS if the server offers it, unverified, else plaintext.
	TLSPrefer TLSMode = "prefer"
	// TLSRequire: TLS, unverified.
	TLSRequire TLSMode = "require"
	// TLSVerifyCA: TLS with a certificate of a trusted authority.
	TLSVerifyCA TLSMode = "verify-ca"
	// TLSVerifyFull: as VerifyCA, and the certificate names the host.
	TLSVerifyFull TLSMode = "verify-full"
)

// TLS configures encryption. The zero value is right for a cluster.
type TLS struct {
	// Mode. Defaults to Prefer for a loopback address and to VerifyFull
	// elsewhere.
	Mode TLSMode
	// CACert is a PEM bundle, or the path of one. Defaults to the system's
	// roots, which Amazon's are among.
	CACert string
	// ServerName is the name that the certificate must have. Defaults to the
	// host.
	ServerName string
}
