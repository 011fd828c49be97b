import type { DeliverySummary } from "@slipway/contract";
import { kindWords, outcomeLooks, stageWords } from "./words";

/** What a screen reader says when a delivery changed: "Delivery to dev, running: Build". */
export function changeAnnouncement(change: DeliverySummary): string {
  const kind = kindWords[change.kind];
  const outcome = outcomeLooks[change.outcome].label;
  const stage = change.stage ? stageWords[change.stage] : null;
  return stage
    ? $localize`:@@announce.stage:${kind}:kind: in ${change.environment}:environment:, ${outcome}:outcome:: ${stage}:stage:`
    : $localize`:@@announce.ended:${kind}:kind: in ${change.environment}:environment:, ${outcome}:outcome:: ${change.title}:title:`;
}
