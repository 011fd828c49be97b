import { randomUUID } from "node:crypto";
import type { AwsOperation } from "./aws-operations.ts";

/** A refusal of AWS's, apart from how it is written. */
export interface AwsError {
  /** For example `ThrottlingException`. */
  code: string;
  message: string;
  /** The HTTP status. */
  status: number;
}

/** A whole HTTP response. */
export interface AwsResponse {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** The kinds of failures that have another code in each service. */
export type CommonFailure = "throttle" | "server-error" | "access-denied";

const throttled = "Rate exceeded";
const broken = "We encountered an internal error. Please try again.";

/**
 * What a service says to a failure that every service knows.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
 * https://docs.aws.amazon.com/eks/latest/APIReference/CommonErrors.html
 */
export function commonError(failure: CommonFailure, operation: AwsOperation): AwsError {
  const denied = `User is not authorized to perform: ${operation.service}:${operation.action}`;
  const errors: Record<AwsOperation["protocol"], Record<CommonFailure, AwsError>> = {
    ec2: {
      throttle: { code: "RequestLimitExceeded", message: "Request limit exceeded.", status: 503 },
      "server-error": { code: "InternalError", message: broken, status: 500 },
      "access-denied": { code: "UnauthorizedOperation", message: denied, status: 403 },
    },
    query: {
      throttle: { code: "Throttling", message: throttled, status: 400 },
      "server-error": { code: "InternalFailure", message: broken, status: 500 },
      "access-denied": { code: "AccessDenied", message: denied, status: 403 },
    },
    json: {
      throttle: { code: "ThrottlingException", message: throttled, status: 400 },
      "server-error": {
        code: operation.service === "ecr" ? "ServerException" : "InternalFailure",
        message: broken,
        status: 500,
      },
      "access-denied": { code: "AccessDeniedException", message: denied, status: 400 },
    },
    "rest-json": {
      throttle: { code: "ThrottlingException", message: throttled, status: 429 },
      "server-error": { code: "ServerException", message: broken, status: 500 },
      "access-denied": { code: "AccessDeniedException", message: denied, status: 403 },
    },
    "rest-xml": {
      throttle: { code: "SlowDown", message: "Please reduce your request rate.", status: 503 },
      "server-error": { code: "InternalError", message: broken, status: 500 },
      "access-denied": { code: "AccessDenied", message: "Access Denied", status: 403 },
    },
    registry: {
      throttle: { code: "TOOMANYREQUESTS", message: throttled, status: 429 },
      "server-error": { code: "UNKNOWN", message: broken, status: 500 },
      "access-denied": { code: "DENIED", message: denied, status: 403 },
    },
  };
  return errors[operation.protocol][failure];
}

/**
 * Writes an error in the form of the operation's protocol.
 * https://smithy.io/2.0/aws/protocols/index.html
 */
export function writeError({ protocol }: AwsOperation, { code, message, status }: AwsError): AwsResponse {
  const id = randomUUID();
  const xml = (body: string): AwsResponse => ({
    status,
    headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": id, "x-amz-request-id": id },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  });
  const json = (type: string, body: object, headers = {}): AwsResponse => ({
    status,
    headers: { "content-type": type, "x-amzn-requestid": id, ...headers },
    body: JSON.stringify(body),
  });
  const inner = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(message)}</Message>`;
  switch (protocol) {
    case "ec2":
      return xml(`<Response><Errors><Error>${inner}</Error></Errors><RequestID>${id}</RequestID></Response>`);
    case "query": {
      const sender = status < 500 ? "Sender" : "Receiver";
      return xml(
        `<ErrorResponse><Error><Type>${sender}</Type>${inner}</Error><RequestId>${id}</RequestId></ErrorResponse>`,
      );
    }
    case "rest-xml":
      return xml(`<Error>${inner}<RequestId>${id}</RequestId><HostId>${id}</HostId></Error>`);
    case "json":
      return json("application/x-amz-json-1.1", { __type: code, message });
    case "rest-json":
      return json("application/json", { message }, { "x-amzn-errortype": code });
    case "registry":
      return json("application/json", { errors: [{ code, message }] });
  }
}

/** Text inside of an element. */
export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
