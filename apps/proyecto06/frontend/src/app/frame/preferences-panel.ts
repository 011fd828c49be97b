import { Component, inject, input, output } from "@angular/core";
import type { Session } from "@slipway/proyecto06-contract";
import { contrasts, languages, Preferences, schemes } from "../core/preferences";
import { texts } from "./texts";

/** Language, colours, contrast and the session, in a popover: the browser opens, closes and focuses it. */
@Component({
  selector: "app-preferences-panel",
  template: `
    <fieldset>
      <legend>{{ t.preferences.language }}</legend>
      @for (choice of languages; track choice.value) {
        <label [attr.lang]="choice.value">
          <input
            type="radio"
            name="language"
            [checked]="preferences.language === choice.value"
            (change)="preferences.setLanguage(choice.value)"
          />{{ choice.label }}
        </label>
      }
    </fieldset>
    <fieldset>
      <legend>{{ t.preferences.scheme }}</legend>
      @for (choice of schemes; track choice.value) {
        <label>
          <input
            type="radio"
            name="scheme"
            [checked]="preferences.scheme() === choice.value"
            (change)="preferences.setScheme(choice)"
          />{{ choice.label }}
        </label>
      }
    </fieldset>
    <fieldset>
      <legend>{{ t.preferences.contrast }}</legend>
      @for (choice of contrasts; track choice.value) {
        <label>
          <input
            type="radio"
            name="contrast"
            [checked]="preferences.contrast() === choice.value"
            (change)="preferences.setContrast(choice)"
          />{{ choice.label }}
        </label>
      }
    </fieldset>
    @if (session(); as person) {
      <div class="person">
        <p>
          <span>{{ t.session.as }}</span> <strong>{{ person.name }}</strong>
        </p>
        <button type="button" class="quiet" (click)="signOut.emit()">{{ t.session.signOut }}</button>
      </div>
    }
  `,
  styleUrl: "./preferences-panel.css",
})
export class PreferencesPanel {
  protected readonly t = texts;
  readonly session = input.required<Session | null>();
  readonly signOut = output();

  protected readonly preferences = inject(Preferences);
  protected readonly schemes = schemes;
  protected readonly contrasts = contrasts;
  protected readonly languages = languages;
}
