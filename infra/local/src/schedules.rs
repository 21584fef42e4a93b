//! EventBridge's schedules: functions that run at their rate, and whenever somebody asks.
use std::{
    fmt,
    future::Future,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio_util::task::TaskTracker;

use crate::template::{Schedule, Template};

type Run = Box<dyn Fn(Value) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// A function with schedules, and its memory.
pub struct ScheduledFunction {
    name: String,
    timeout: Duration,
    schedules: Vec<Schedule>,
    is_enabled: AtomicBool,
    run: Run,
}

impl ScheduledFunction {
    /// A function whose schedules are in the template.
    pub fn new(
        name: String,
        timeout: Duration,
        template: &Template,
        run: impl Fn(Value) -> BoxFuture<'static, Result<(), String>> + Send + Sync + 'static,
    ) -> Self {
        let resource = template.functions.iter().find(|resource| resource.name == name);
        let schedules = resource.map(|resource| resource.schedules.clone()).unwrap_or_default();
        Self { name, timeout, schedules, is_enabled: AtomicBool::new(true), run: Box::new(run) }
    }
}

/// All scheduled functions.
pub struct Schedules {
    functions: Vec<std::sync::Arc<ScheduledFunction>>,
    invocations: TaskTracker,
}

impl fmt::Debug for Schedules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.functions.iter().map(|function| &function.name)).finish()
    }
}

impl Schedules {
    /// Nothing runs yet.
    pub fn new(functions: Vec<ScheduledFunction>, invocations: TaskTracker) -> Self {
        Self { functions: functions.into_iter().map(std::sync::Arc::new).collect(), invocations }
    }

    /// The functions and their expressions.
    pub fn list(&self) -> Vec<(String, Vec<String>)> {
        let expressions = |schedules: &[Schedule]| schedules.iter().map(|own| own.expression.clone()).collect();
        self.functions.iter().map(|function| (function.name.clone(), expressions(&function.schedules))).collect()
    }

    /// Runs a function now, with its first schedule's input unless there is another; None for an unknown function.
    pub async fn run(&self, name: &str, input: Option<Value>) -> Option<Result<(), String>> {
        let function = self.functions.iter().find(|function| function.name == name)?.clone();
        let input = input.or_else(|| Some(function.schedules.first()?.input.clone())).unwrap_or_default();
        // A task of its own: the invocation completes although the caller has gone.
        let invocation = self.invocations.spawn(async move { invoke(&function, input).await });
        Some(invocation.await.unwrap_or_else(|_| Err("the function panicked".to_owned())))
    }

    /// Whether a function runs at its rate; it always runs when asked. False for an unknown function.
    pub fn enable(&self, name: &str, is_enabled: bool) -> bool {
        let function = self.functions.iter().find(|function| function.name == name);
        function.inspect(|function| function.is_enabled.store(is_enabled, Ordering::Relaxed)).is_some()
    }

    /// One endless run for each schedule with a rate. The first invocation comes after one interval, as on AWS.
    pub fn run_all(&self) -> Vec<impl Future<Output = ()> + Send + use<>> {
        let mut runs = Vec::new();
        for function in &self.functions {
            for schedule in &function.schedules {
                let Some(every) = schedule.every else {
                    continue;
                };
                let (function, input) = (function.clone(), schedule.input.clone());
                runs.push(async move {
                    loop {
                        tokio::time::sleep(every).await;
                        if !function.is_enabled.load(Ordering::Relaxed) {
                            continue;
                        }
                        // It is logged; the next one comes in time.
                        let _ = invoke(&function, input.clone()).await;
                    }
                });
            }
        }
        runs
    }
}

async fn invoke(function: &ScheduledFunction, input: Value) -> Result<(), String> {
    let result = match tokio::time::timeout(function.timeout, (function.run)(input)).await {
        Ok(result) => result,
        Err(_) => Err(format!("the invocation timed out after {:?}", function.timeout)),
    };
    if let Err(error) = &result {
        tracing::error!(function = function.name, error, "a scheduled invocation failed");
    }
    result
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use serde_json::json;

    use super::*;
    use crate::template::FunctionResource;

    fn schedules(runs: &Arc<AtomicUsize>) -> Schedules {
        let template = Template {
            functions: vec![FunctionResource {
                name: "jobs".to_owned(),
                timeout: Duration::from_secs(5),
                routes: vec![],
                schedules: vec![Schedule {
                    every: Some(Duration::from_secs(60)),
                    expression: "rate(1 minute)".to_owned(),
                    input: json!({"job": "check"}),
                }],
                queues: vec![],
                statements: vec![],
            }],
            ..Template::default()
        };
        let runs = runs.clone();
        let function = ScheduledFunction::new("jobs".to_owned(), Duration::from_secs(5), &template, move |input| {
            let runs = runs.clone();
            Box::pin(async move {
                runs.fetch_add(1, Ordering::SeqCst);
                match input["job"].as_str() {
                    Some("check") => Ok(()),
                    Some("hang") => std::future::pending().await,
                    _ => Err("no such job".to_owned()),
                }
            })
        });
        Schedules::new(vec![function], TaskTracker::new())
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_runs_after_each_interval() {
        let runs = Arc::new(AtomicUsize::new(0));
        let mut all = schedules(&runs).run_all();
        let run = all.pop().expect("one schedule");
        let _ = tokio::time::timeout(Duration::from_secs(190), run).await;
        assert_eq!(runs.load(Ordering::SeqCst), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_disabled_one_runs_only_on_demand() {
        let runs = Arc::new(AtomicUsize::new(0));
        let schedules = schedules(&runs);
        assert!(schedules.enable("jobs", false));
        let run = schedules.run_all().pop().expect("one schedule");
        let _ = tokio::time::timeout(Duration::from_secs(190), run).await;
        assert_eq!(runs.load(Ordering::SeqCst), 0);
        assert_eq!(schedules.run("jobs", None).await, Some(Ok(())));
        assert!(!schedules.enable("none", false));
    }

    #[tokio::test(start_paused = true)]
    async fn on_demand_it_takes_an_input_and_tells_what_came_of_it() {
        let schedules = schedules(&Arc::default());
        assert_eq!(schedules.run("jobs", None).await, Some(Ok(())));
        assert_eq!(schedules.run("jobs", Some(json!({}))).await, Some(Err("no such job".to_owned())));
        let hanging = schedules.run("jobs", Some(json!({"job": "hang"}))).await;
        assert_eq!(hanging, Some(Err("the invocation timed out after 5s".to_owned())));
        assert_eq!(schedules.run("none", None).await, None);
    }
}
