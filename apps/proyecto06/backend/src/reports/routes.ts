import { type Api, claimsOf, Dependency, limited, requireWorkflow, WorkflowTokens } from "@slipway/kit";
import { limits } from "@slipway/contract/limits.ts";
import type { AppContext } from "../context.ts";
import { identityOf, reportedRun } from "./decision.ts";
import { receivedSchema, reportSchema, stageReportSchema } from "@slipway/contract/reports.ts";

/** The name of the security scheme of the pipeline's routes. */
export const pipelineSecurity = "workflow";

/** The pipeline's workflows, and what starts them: nothing else in the repository has anything to report. */
const pipeline = {
  workflows: ["deliver.yml", "destroy.yml", "lease.yml"],
  events: ["push", "workflow_dispatch", "schedule"],
};

/** Adds what the pipeline calls. */
export function addReportRoutes(api: Api, { config, metrics, reports }: AppContext): void {
  const tokens = new WorkflowTokens(
    {
      issuer: config.REPORT_ISSUER,
      audience: config.REPORT_AUDIENCE,
      repository: config.REPORT_REPOSITORY,
      repositoryId: config.REPORT_REPOSITORY_ID,
      branch: config.REPORT_BRANCH,
      ...pipeline,
    },
    new Dependency({ name: "workflow issuer", metrics, timeout: 2_000 }),
  );
  const forPipeline = {
    tag: "reports",
    security: pipelineSecurity,
    before: [limited({ perMinute: config.REPORTS_PER_MINUTE }), requireWorkflow(tokens)],
    response: receivedSchema,
    statuses: { 403: null, 503: null },
  };
  api.post(
    "/api/reports",
    {
      ...forPipeline,
      summary: "All that a run knows of itself",
      description:
        "Idempotent. The token's own run, or an earlier one whose report could not be sent in time: of that, nothing is changed that was told before.",
      body: reportSchema,
      bodyLimit: String(limits.bytes),
    },
    ({ body, response }) => {
      const { identity, own } = reportedRun(body.identity, claimsOf(response));
      return reports.receive(identity, body, { mayReplace: own });
    },
  );
  api.post(
    "/api/reports/stages",
    { ...forPipeline, summary: "A stage of the token's own run starts or ends", body: stageReportSchema },
    ({ body, response }) => reports.receiveStage(identityOf(claimsOf(response)), body),
  );
}
