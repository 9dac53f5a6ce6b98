package statetrail

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The environment that Start reads where Options say nothing.
const (
	// EnvURL is the URL of a server that is running.
	EnvURL = "STATETRAIL_URL"
	// EnvToken is the token for that server, EnvTokenFile the file that has it.
	EnvToken     = "STATETRAIL_TOKEN"
	EnvTokenFile = "STATETRAIL_TOKEN_FILE"
	// EnvCAFile is the file with the certificates of the authorities that the server's certificate may come from.
	EnvCAFile = "STATETRAIL_CA_FILE"
	// EnvBinary is the path of the program that Start runs where there is no server.
	EnvBinary = "STATETRAIL_BIN"
	// EnvArtifacts is the directory for recordings.
	EnvArtifacts = "ARTIFACTS"
)

const (
	defaultAttachTimeout = 60 * time.Second
	defaultStopTimeout   = 60 * time.Second
	defaultName          = "statetrail"
	defaultBinary        = "statetrail"
	directoryMode        = 0o755
)

// Options say what is recorded, and by whom. The zero value is useful: it records pods, VMIs, VMs and Events of the
// kubeconfig's namespace.
type Options struct {
	// URL is that of a server that is running, which then records what it was told to: What and Args do not apply.
	// Default: $STATETRAIL_URL. Without a URL, Start runs the program Binary.
	URL string
	// Token is sent to the server at URL. Default: $STATETRAIL_TOKEN, or what the file $STATETRAIL_TOKEN_FILE has.
	Token string
	// CAFile has the certificates of the authorities that the certificate of the server at URL may come from. Default:
	// $STATETRAIL_CA_FILE, and without that those of the system.
	CAFile string

	// Binary is the path of statetrail. Default: $STATETRAIL_BIN, or "statetrail" on the PATH.
	Binary string
	// What are the kinds or objects to record, as kubectl names them: "vm,vmi", "pods". Default: pods, vmi, vm, events.
	What []string
	// Namespaces are those of the test. A child records the one namespace, or all namespaces of the cluster if there
	// are several. From a server at URL, Stop gets their part of the recording.
	Namespaces []string
	// Args are further flags of statetrail record: "--kubeconfig", "kubeconfig".
	Args []string

	// Artifacts is the directory of the recording. It is created. Default: $ARTIFACTS, or the current directory.
	Artifacts string
	// Name is that of the recording in Artifacts, without its suffix. If there is one already, it gets a number:
	// statetrail-2. Processes that record at the same time need names of their own. Default: "statetrail".
	Name string

	// AttachTimeout bounds the time until every watch has delivered its initial state. Default: one minute.
	AttachTimeout time.Duration
	// StopTimeout bounds Stop, beside its context. Default: one minute.
	StopTimeout time.Duration

	// OnVerdict, if set, is told of every verdict that a matcher got, and of a skipped expectation in particular, in the
	// goroutine of the assertion. A matcher that waits tells of a pending verdict only once.
	OnVerdict func(*Judgement)
}

// fromEnvironment fills in the defaults.
func (o *Options) fromEnvironment() error {
	o.URL = or(o.URL, os.Getenv(EnvURL))
	o.CAFile = or(o.CAFile, os.Getenv(EnvCAFile))
	o.Token = or(o.Token, os.Getenv(EnvToken))
	if file := os.Getenv(EnvTokenFile); o.Token == "" && file != "" {
		token, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("statetrail: token: %w", err)
		}
		o.Token = strings.TrimSpace(string(token))
	}
	o.Name = or(o.Name, defaultName)
	if o.AttachTimeout <= 0 {
		o.AttachTimeout = defaultAttachTimeout
	}
	if o.StopTimeout <= 0 {
		o.StopTimeout = defaultStopTimeout
	}
	artifacts, err := filepath.Abs(or(o.Artifacts, os.Getenv(EnvArtifacts), "."))
	if err != nil {
		return fmt.Errorf("statetrail: directory of the recording: %w", err)
	}
	o.Artifacts = artifacts
	return nil
}

// binary returns the path of the program.
func (o *Options) binary() (string, error) {
	name := or(o.Binary, os.Getenv(EnvBinary), defaultBinary)
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrNotFound) && name == defaultBinary {
		return "", fmt.Errorf("statetrail: no recorder: install statetrail on the PATH, or set %s to its path, "+
			"or %s to the URL of a running `statetrail serve`: %w", EnvBinary, EnvURL, err)
	}
	if err != nil {
		return "", fmt.Errorf("statetrail: no recorder: %w", err)
	}
	return path, nil
}

// args returns the arguments with which the program records to the file.
func (o *Options) args(file string) []string {
	args := append([]string{"serve"}, o.what()...)
	switch len(o.Namespaces) {
	case 0:
	case 1:
		args = append(args, "--namespace", o.Namespaces[0])
	default:
		args = append(args, "--all-namespaces")
	}
	args = append(args, "--output", file, "--listen", "127.0.0.1:0", "--until-eof")
	return append(args, o.Args...)
}

// what returns the kinds as one argument, or objects such as vm/web as one each.
func (o *Options) what() []string {
	for _, what := range o.What {
		if strings.Contains(what, "/") {
			return o.What
		}
	}
	if len(o.What) == 0 {
		return nil
	}
	return []string{strings.Join(o.What, ",")}
}

// path returns the path of a file in Artifacts, which it creates. If there is one of an earlier run, the name gets a
// number.
func (o *Options) path(name, suffix string) (string, error) {
	if err := os.MkdirAll(o.Artifacts, directoryMode); err != nil {
		return "", fmt.Errorf("statetrail: directory of the recording: %w", err)
	}
	base := filepath.Join(o.Artifacts, o.Name+name)
	path := base + suffix
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); err != nil {
			return path, nil // what else may be wrong with it, writing it says
		}
		path = fmt.Sprintf("%s-%d%s", base, n, suffix)
	}
}
