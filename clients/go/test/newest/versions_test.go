package test_test

// The versions that this module is for.
const (
	ginkgoVersion = "2.34.0"
	gomegaVersion = "1.44.0"
)
