// Package statetrail records every status transition of Kubernetes objects while a test runs, and judges statements
// about the whole path of an object.
//
// It is the client of statetrail serve, which subscribes to the watch streams of a cluster. Start runs that program as
// a child of the test, or uses a server that several test processes share:
//
//	trail, err := statetrail.Start(ctx, statetrail.Options{What: []string{"vm,vmi,pods"}, Namespaces: []string{ns}})
//
// The subpackage gomega has matchers, and the subpackage ginkgo connects a trail to the specs of a suite.
//
// A verdict is one of five: satisfied and violated are proven, pending may still be decided, inconclusive cannot be
// decided any more, for instance because of a gap, and skipped means that a requirement of the expectation is not met.
// The package never reports an undecided verdict as a pass or as a failure.
package statetrail
