// Package gomega has matchers for the paths of Kubernetes objects. They are about a *statetrail.Trail, and read best
// with a dot import:
//
//	import . "statetrail.dev/client/gomega"
//
//	Eventually(trail).WithTimeout(15 * time.Minute).Should(
//		FollowPath(vm, "status", "... -> (ErrImagePull -> ImagePullBackOff){2,} -> ..."))
//	Expect(trail).To(NeverEnter(vm, "status", "Running"))
//
// FollowPath, ReachWithin and StayIn(...).For are about something that is to happen: use Eventually. NeverEnter,
// StayIn and EnterOnlyAfter are about all that happened until the assertion: use Expect.
//
// An object is anything that statetrail.ObjectOf takes: the objects of client-go and KubeVirt, or statetrail.VM and its
// siblings. States and paths are written in the language of expectations; statetrail.Label quotes a label that is not a
// bare word.
package gomega
