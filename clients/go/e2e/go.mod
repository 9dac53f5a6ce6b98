module statetrail.dev/client/e2e

go 1.24.0

require (
	github.com/onsi/gomega v1.39.1
	go.yaml.in/yaml/v3 v3.0.4
	statetrail.dev/client v0.0.0
)

require (
	github.com/google/go-cmp v0.7.0 // indirect
	golang.org/x/net v0.49.0 // indirect
	golang.org/x/text v0.33.0 // indirect
)

replace statetrail.dev/client => ../
