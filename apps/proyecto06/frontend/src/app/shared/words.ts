import type {
  DeliveredImage,
  EnvironmentSummary,
  RunOutcome,
  ReceiptClass,
  RunKind,
  StageName,
} from "@slipway/contract";
import {
  mdiAlertCircle,
  mdiCancel,
  mdiCheckCircle,
  mdiClockOutline,
  mdiCloseCircle,
  mdiDebugStepOver,
  mdiHelpCircle,
  mdiPackageVariantClosed,
  mdiPackageVariantClosedCheck,
  mdiPowerSleep,
  mdiProgressClock,
  mdiShieldCheckOutline,
} from "@mdi/js";
import type { Look } from "@slipway/ui/states/badge";

export const outcomeLooks: Record<RunOutcome, Look> = {
  waiting: { label: $localize`:@@outcome.waiting:Waiting`, icon: mdiClockOutline, tone: "calm" },
  running: { label: $localize`:@@outcome.running:Running`, icon: mdiProgressClock, tone: "busy" },
  succeeded: { label: $localize`:@@outcome.succeeded:Succeeded`, icon: mdiCheckCircle, tone: "good" },
  failed: { label: $localize`:@@outcome.failed:Failed`, icon: mdiCloseCircle, tone: "bad" },
  cancelled: { label: $localize`:@@outcome.cancelled:Cancelled`, icon: mdiCancel, tone: "warn" },
  skipped: { label: $localize`:@@outcome.skipped:Skipped`, icon: mdiDebugStepOver, tone: "calm" },
};

export const imageLooks: Record<DeliveredImage["outcome"], Look> = {
  built: { label: $localize`:@@image.built:Built`, icon: mdiPackageVariantClosed, tone: "busy" },
  adopted: { label: $localize`:@@image.adopted:Adopted`, icon: mdiPackageVariantClosedCheck, tone: "good" },
  failed: { label: $localize`:@@image.failed:Failed`, icon: mdiCloseCircle, tone: "bad" },
};

export const environmentLooks: Record<EnvironmentSummary["state"], Look> = {
  live: { label: $localize`:@@environment.live:Live`, icon: mdiCheckCircle, tone: "good" },
  delivering: { label: $localize`:@@environment.delivering:Delivering`, icon: mdiProgressClock, tone: "busy" },
  failed: { label: $localize`:@@environment.failed:Last delivery failed`, icon: mdiCloseCircle, tone: "bad" },
  "tearing-down": {
    label: $localize`:@@environment.tearingDown:Being torn down`,
    icon: mdiProgressClock,
    tone: "warn",
  },
  away: { label: $localize`:@@environment.away:Torn down`, icon: mdiPowerSleep, tone: "calm" },
};

export const receiptLooks: Record<ReceiptClass, Look> = {
  billable: { label: $localize`:@@receipt.billable:Still billed`, icon: mdiAlertCircle, tone: "bad" },
  unknown: { label: $localize`:@@receipt.unknown:Unknown`, icon: mdiHelpCircle, tone: "warn" },
  kept: { label: $localize`:@@receipt.kept:Kept on purpose`, icon: mdiShieldCheckOutline, tone: "calm" },
  "free-residual": { label: $localize`:@@receipt.free:Left, free of charge`, icon: mdiCheckCircle, tone: "good" },
};

/** How a receipt as a whole reads. */
export function cleanLook(clean: boolean): Look {
  return clean
    ? { label: $localize`:@@receipt.clean:Clean`, icon: mdiCheckCircle, tone: "good" }
    : { label: $localize`:@@receipt.notClean:Not clean`, icon: mdiAlertCircle, tone: "bad" };
}

export const kindWords: Record<RunKind, string> = {
  delivery: $localize`:@@kind.delivery:Delivery`,
  teardown: $localize`:@@kind.teardown:Teardown`,
};

export const stageWords: Record<StageName, string> = {
  plan: $localize`:@@stage.plan:Plan`,
  registry: $localize`:@@stage.registry:Registry`,
  infra: $localize`:@@stage.infra:Infrastructure`,
  build: $localize`:@@stage.build:Build`,
  release: $localize`:@@stage.release:Release`,
  verify: $localize`:@@stage.verify:Verify`,
  teardown: $localize`:@@stage.teardown:Teardown`,
};
