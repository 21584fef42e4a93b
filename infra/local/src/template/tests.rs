use serde_json::json;

use super::*;

const TEMPLATE: &str = r#"
Parameters:
  WebAppDomain: {Type: String, Default: app.example.org}
Globals:
  Function:
    Timeout: 12
    Environment:
      Variables:
        WEBAPP_ORIGIN: !Sub https://${WebAppDomain}
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration:
        AllowOrigins: [!Sub 'https://${WebAppDomain}']
        AllowMethods: [GET, POST]
        AllowHeaders: [authorization]
        MaxAge: 600
  CargoDetailFunction:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: makefile}
    Properties:
      CodeUri: target/lambda/cargo-detail/
      Timeout: 15
      Events:
        Detail: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: get, Path: '/api/cargos/{id}'}}
  JobsFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/jobs
      Events:
        Daily: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), Input: '{"job":"check"}'}}
        Night: {Type: ScheduleV2, Properties: {ScheduleExpression: 'cron(0 3 * * ? *)'}}
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt NotifyQueue.Arn
            BatchSize: 5
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: 2}
  NotifyQueue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy:
        deadLetterTargetArn: !GetAtt NotifyDeadLetters.Arn
        maxReceiveCount: 5
  NotifyDeadLetters: {Type: 'AWS::SQS::Queue', Properties: {MessageRetentionPeriod: 1209600}}
  CacheTable:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub ${AWS::StackName}-cache
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
  Headers:
    Type: AWS::CloudFront::ResponseHeadersPolicy
    Properties:
      ResponseHeadersPolicyConfig:
        SecurityHeadersConfig:
          ContentSecurityPolicy:
            ContentSecurityPolicy: !Sub default-src 'self' https://${WebAppDomain}
            Override: true
          ContentTypeOptions: {Override: true}
          StrictTransportSecurity: {AccessControlMaxAgeSec: 100, IncludeSubdomains: true, Override: true}
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        DefaultCacheBehavior: {ResponseHeadersPolicyId: !Ref Headers}
        CacheBehaviors:
          - {PathPattern: /api/*, TargetOriginId: api}
"#;

fn template() -> Template {
    Template::from_yaml(&yaml_serde::from_str(TEMPLATE).expect("YAML")).expect("a template")
}

#[test]
fn functions_are_called_as_their_package_and_keep_routes_and_schedules() {
    let functions = template().functions;
    assert_eq!(functions[0].name, "cargo-detail");
    assert_eq!(functions[0].routes, [("GET".to_owned(), "/api/cargos/{id}".to_owned())]);
    assert_eq!(functions[0].timeout, Duration::from_secs(15));
    assert_eq!((functions[1].name.as_str(), functions[1].timeout), ("jobs", Duration::from_secs(12)));
    assert_eq!(functions[1].schedules[0].every, Some(Duration::from_secs(86_400)));
    assert_eq!(functions[1].schedules[0].input, json!({"job": "check"}));
    assert_eq!(functions[1].schedules[1].every, None);
}

#[test]
fn queues_keep_their_times_and_who_takes_from_them() {
    let template = template();
    let queue = &template.queues["NotifyQueue"];
    assert_eq!(queue.visibility_timeout, Duration::from_secs(60));
    let redrive = Redrive { dead_letters: "NotifyDeadLetters".to_owned(), max_receive_count: 5 };
    assert_eq!(queue.redrive, Some(redrive));
    assert_eq!(template.queues["NotifyDeadLetters"].retention, Duration::from_secs(14 * 86_400));
    let event =
        QueueEvent { queue: "NotifyQueue".to_owned(), batch_size: 5, concurrency: Some(2), reports_failures: true };
    assert_eq!(template.functions[1].queues, [event]);
}

#[test]
fn a_queue_that_is_not_there_is_told() {
    let yaml = TEMPLATE.replace("GetAtt NotifyDeadLetters.Arn", "GetAtt Other.Arn");
    let error = Template::from_yaml(&yaml_serde::from_str(&yaml).expect("YAML")).expect_err("no such queue");
    assert_eq!(error.to_string(), "template.yaml: there is no queue \"Other\"");
}

#[test]
fn a_function_has_the_statements_of_its_role_and_rights_from_elsewhere_are_refused() {
    const ROLE: &str = r#"
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: target/lambda/f, Role: !GetAtt R.Arn}}
  R:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument: {Statement: [{Effect: Allow, Action: 'sqs:SendMessage', Resource: !GetAtt Q.Arn}]}
        - PolicyDocument: {Statement: {Effect: Deny, Action: 'sqs:*', Resource: '*'}}
"#;
    let read = |text: &str| Template::from_yaml(&yaml_serde::from_str(text).expect("YAML"));
    let statements = read(ROLE).expect("a template").functions.remove(0).statements;
    assert_eq!(statements[0], json!({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "Q.Arn"}));
    assert_eq!(statements[1]["Effect"], "Deny");
    for (from, to, told) in [
        ("      Policies:", "      ManagedPolicyArns: ['arn:x']\n      Policies:", "ManagedPolicyArns"),
        ("Role: !GetAtt R.Arn", "Policies: [AWSLambdaExecute]", "Policies"),
        ("Role: !GetAtt R.Arn", "Role: 'arn:x'", "Role"),
        ("  R:\n", "  P: {Type: 'AWS::IAM::Policy'}\n  R:\n", "AWS::IAM::Policy"),
    ] {
        let error = read(&ROLE.replace(from, to)).expect_err(told).to_string();
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn tables_keep_their_keys_and_time_to_live() {
    let tables = template().tables;
    assert_eq!(tables["CacheTable"].time_to_live.as_deref(), Some("ttl"));
    assert_eq!(tables["CacheTable"].definition["KeySchema"][0]["AttributeName"], "pk");
    assert!(tables["CacheTable"].definition.get("TableName").is_none());
}

#[test]
fn the_local_origin_takes_the_place_of_the_deployed_one() {
    let mut template = template();
    template.set_webapp_origin("http://127.0.0.1:1");
    assert_eq!(template.cors.as_ref().expect("CORS").allow_origins, ["http://127.0.0.1:1"]);
    let headers = template.response_headers("/app/");
    assert_eq!(headers[0].1, "default-src 'self' http://127.0.0.1:1");
    assert_eq!(headers[1], ("x-content-type-options".to_owned(), "nosniff".to_owned()));
    assert_eq!(headers[2].1, "max-age=100; includeSubDomains");
    assert!(template.response_headers("/api/cargos").is_empty());
}

#[test]
fn a_function_without_code_is_refused() {
    let yaml = yaml_serde::from_str("Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {}}}");
    let error = Template::from_yaml(&yaml.expect("YAML")).expect_err("no CodeUri");
    assert_eq!(error.to_string(), "template.yaml: F has no CodeUri");
}

#[test]
fn path_patterns_match_as_in_cloudfront() {
    assert!(glob(b"/app/assets/*", b"/app/assets/a.js"));
    assert!(glob(b"app/*", b"/app/x/y"));
    assert!(glob(b"/a?c", b"/abc"));
    assert!(!glob(b"/api/*", b"/apis"));
}
