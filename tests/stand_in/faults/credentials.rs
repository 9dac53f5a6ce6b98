//! Credentials that expire while a recorder runs: it picks up the new ones, wherever they come from.

use super::bounded;
use super::recorder::{Recorder, Scene};
use super::truth::Truth;
use statetrail::replay::Server;
use std::path::Path;

fn refusals(server: &Server) -> usize {
    server.requests().iter().filter(|asked| asked.status == Some(401)).count()
}

/// Records a script while the server starts to expect another token, which `renew` provides.
async fn outlives(user: impl Fn(&Path) -> String, renew: impl Fn(&Path, &str)) {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    renew(scene.folder.path(), "first");
    let kubeconfig =
        scene.server.kubeconfig_yaml().replace("user: {}", &format!("user: {}", user(scene.folder.path())));
    std::fs::write(scene.path("kubeconfig"), kubeconfig).expect("a file");
    scene.server.expect_token(Some("first"));
    let mut recorder = Recorder::start(scene.pods().await);
    recorder.attached().await;
    truth.story(4);
    recorder.caught_up(&truth).await;
    scene.server.expect_token(Some("second"));
    scene.server.cut();
    truth.story(4);
    bounded("refusals", scene.server.until(|server| refusals(server) >= 3)).await;
    renew(scene.folder.path(), "second");
    truth.story(4);
    recorder.finish().await.assert_whole(&truth, "another token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rewritten_kubeconfig_is_read_again() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    scene.server.expect_token(Some("first"));
    scene.write_kubeconfig();
    let mut recorder = Recorder::start(scene.pods().await);
    recorder.attached().await;
    scene.server.expect_token(Some("second"));
    scene.server.cut();
    truth.story(4);
    bounded("refusals", scene.server.until(|server| refusals(server) >= 3)).await;
    scene.write_kubeconfig();
    recorder.finish().await.assert_whole(&truth, "another kubeconfig");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_file_is_read_again() {
    let file = |folder: &Path| folder.join("token");
    outlives(
        |folder| format!("{{tokenFile: {:?}}}", file(folder)),
        |folder, token| std::fs::write(file(folder), token).expect("a file"),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exec_plugin_is_run_again() {
    let file = |folder: &Path| folder.join("credential.json");
    outlives(
        |folder| {
            let version = "client.authentication.k8s.io/v1";
            format!("{{exec: {{apiVersion: {version}, command: cat, args: [{:?}], interactiveMode: Never}}}}", file(folder))
        },
        |folder, token| {
            let credential = format!(
                r#"{{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","spec":{{"interactive":false}},"status":{{"token":"{token}"}}}}"#
            );
            std::fs::write(file(folder), credential).expect("a file");
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_never_answers_delays_neither_the_streams_nor_the_end() {
    let truth = Truth::new();
    let scene = Scene::new(&truth);
    let file = scene.path("credential.json");
    let credential =
        r#"{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"first"}}"#;
    std::fs::write(&file, credential).expect("a file");
    let version = "client.authentication.k8s.io/v1";
    let script = format!("cat {file:?} || exec sleep 1000");
    let exec = format!("{{apiVersion: {version}, command: sh, args: [-c, {script:?}], interactiveMode: Never}}");
    let user = format!("user: {{exec: {exec}}}");
    std::fs::write(scene.path("kubeconfig"), scene.server.kubeconfig_yaml().replace("user: {}", &user))
        .expect("a file");
    scene.server.expect_token(Some("first"));
    let mut plan = scene.pods().await;
    plan.pace.fence = std::time::Duration::from_secs(1);
    let mut recorder = Recorder::start(plan);
    recorder.attached().await;
    std::fs::remove_file(&file).expect("a file");
    scene.server.expect_token(Some("second"));
    scene.server.cut();
    // The server is asked again and again, although the plugin does not answer.
    bounded("refusals", scene.server.until(|server| refusals(server) >= 5)).await;
    let outcome = bounded("the end", recorder.finish()).await;
    assert!(!outcome.verified.complete, "{:#?}", outcome.verified);
}
