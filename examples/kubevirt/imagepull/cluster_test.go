package imagepull_test

import (
	"context"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/gentype"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	virtv1 "kubevirt.io/api/core/v1"
)

// requestsPerSecond is enough for an actor for every VM of a process.
const requestsPerSecond = 200

// cluster has clients for the kinds of this suite. kubevirt.io/client-go has them for all kinds of KubeVirt.
type cluster struct {
	namespaces *gentype.Client[*corev1.Namespace]
	pods       *gentype.ClientWithList[*corev1.Pod, *corev1.PodList]
	vms        *gentype.ClientWithList[*virtv1.VirtualMachine, *virtv1.VirtualMachineList]
	vmis       *gentype.ClientWithList[*virtv1.VirtualMachineInstance, *virtv1.VirtualMachineInstanceList]
}

// openCluster opens the cluster of $KUBECONFIG, with the clients for one namespace.
func openCluster(namespace string) *cluster {
	GinkgoHelper()
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv(clientcmd.RecommendedConfigPathEnvVar))
	Expect(err).NotTo(HaveOccurred(), "these specs need $KUBECONFIG")
	config.QPS, config.Burst = requestsPerSecond, requestsPerSecond
	types := runtime.NewScheme()
	Expect(corev1.AddToScheme(types)).To(Succeed())
	Expect(virtv1.AddToScheme(types)).To(Succeed())
	metav1.AddToGroupVersion(types, virtv1.GroupVersion)
	core := restClient(config, types, corev1.SchemeGroupVersion, "/api")
	virt := restClient(config, types, virtv1.GroupVersion, "/apis")
	parameters := runtime.NewParameterCodec(types)
	return &cluster{
		namespaces: gentype.NewClient("namespaces", core, parameters, "",
			func() *corev1.Namespace { return &corev1.Namespace{} }),
		pods: gentype.NewClientWithList("pods", core, parameters, namespace,
			func() *corev1.Pod { return &corev1.Pod{} }, func() *corev1.PodList { return &corev1.PodList{} }),
		vms: gentype.NewClientWithList("virtualmachines", virt, parameters, namespace,
			func() *virtv1.VirtualMachine { return &virtv1.VirtualMachine{} },
			func() *virtv1.VirtualMachineList { return &virtv1.VirtualMachineList{} }),
		vmis: gentype.NewClientWithList("virtualmachineinstances", virt, parameters, namespace,
			func() *virtv1.VirtualMachineInstance { return &virtv1.VirtualMachineInstance{} },
			func() *virtv1.VirtualMachineInstanceList { return &virtv1.VirtualMachineInstanceList{} }),
	}
}

func restClient(config *rest.Config, types *runtime.Scheme, version schema.GroupVersion, path string) *rest.RESTClient {
	GinkgoHelper()
	config = rest.CopyConfig(config)
	config.GroupVersion, config.APIPath = &version, path
	config.NegotiatedSerializer = serializer.NewCodecFactory(types).WithoutConversion()
	client, err := rest.RESTClientFor(config)
	Expect(err).NotTo(HaveOccurred())
	return client
}

// newNamespace creates a namespace, which is deleted after the suite.
func newNamespace(ctx context.Context) string {
	GinkgoHelper()
	created, err := openCluster("").namespaces.Create(ctx,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "image-pull-"}}, metav1.CreateOptions{})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func(ctx SpecContext) {
		Expect(openCluster("").namespaces.Delete(ctx, created.Name, metav1.DeleteOptions{})).To(Succeed())
	})
	return created.Name
}

// createVM creates a VM that is to run. Its actor plays what becomes of it.
func (c *cluster) createVM(ctx context.Context, name string) (*virtv1.VirtualMachine, error) {
	always := virtv1.RunStrategyAlways
	vm := &virtv1.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Name: name}}
	vm.APIVersion, vm.Kind = virtv1.GroupVersion.String(), "VirtualMachine"
	vm.Spec.RunStrategy = &always
	vm.Spec.Template = &virtv1.VirtualMachineInstanceTemplateSpec{}
	return c.vms.Create(ctx, vm, metav1.CreateOptions{})
}

// createPod creates a pod whose image cannot be pulled.
func (c *cluster) createPod(ctx context.Context, name string) *corev1.Pod {
	GinkgoHelper()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}}
	pod.Spec.Containers = []corev1.Container{{Name: "app", Image: "127.0.0.1:1/no-such-image:1"}}
	var created *corev1.Pod
	Eventually(func() (err error) {
		created, err = c.pods.Create(ctx, pod, metav1.CreateOptions{})
		return err
	}).WithTimeout(time.Minute).Should(Succeed(), "once the namespace has its service account")
	return created
}

// artifacts returns the folder for the files of the suite.
func artifacts() string {
	folder, err := filepath.Abs(os.Getenv("ARTIFACTS"))
	Expect(err).NotTo(HaveOccurred())
	return folder
}
