import { Component } from "@angular/core";
import { SignInForm } from "@slipway/ui/session/sign-in";
import { texts } from "./texts";

/** `/sign-in`: the page of every interface, with what the console says about itself. */
@Component({
  selector: "app-sign-in-page",
  imports: [SignInForm],
  template: `<ui-sign-in [lead]="t.lead" [linkCommand]="linkCommand" />`,
})
export class SignInPage {
  protected readonly t = texts;
  protected readonly linkCommand = "kubectl -n proyecto06 logs deployment/backend --all-pods | grep /api/session/first";
}
