package test_test

// The versions that this module is for.
const (
	ginkgoVersion = "2.28.1"
	gomegaVersion = "1.39.1"
)
