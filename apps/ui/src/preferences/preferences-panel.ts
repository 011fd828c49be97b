import { Component, inject, input, output } from "@angular/core";
import type { SignedIn } from "../session/sessions";
import { languages, preferences } from "./choices";
import { Preferences } from "./preferences";
import { texts } from "./texts";

/** Language, looks and the session, in a popover: the browser opens, closes and focuses it. */
@Component({
  selector: "ui-preferences-panel",
  template: `
    <fieldset>
      <legend>{{ t.language }}</legend>
      @for (choice of languages; track choice.value) {
        <label [attr.lang]="choice.value">
          <input
            type="radio"
            name="language"
            [checked]="chosen.language === choice.value"
            (change)="chosen.setLanguage(choice.value)"
          />{{ choice.label }}
        </label>
      }
    </fieldset>
    @for (preference of preferences; track preference.name) {
      <fieldset>
        <legend>{{ preference.label }}</legend>
        @for (choice of preference.choices; track choice.value) {
          <label>
            <input
              type="radio"
              [name]="preference.name"
              [checked]="chosen.get(preference.name) === choice.value"
              (change)="chosen.choose(preference, choice)"
            />{{ choice.label }}
          </label>
        }
      </fieldset>
    }
    @if (session(); as person) {
      <div class="person">
        <p>
          <span>{{ t.signedIn }}</span> <strong>{{ person.name }}</strong>
        </p>
        <button type="button" class="quiet" (click)="signOut.emit()">{{ t.signOut }}</button>
      </div>
    }
  `,
  styleUrl: "./preferences-panel.css",
})
export class PreferencesPanel {
  protected readonly t = texts;
  readonly session = input.required<SignedIn | null>();
  readonly signOut = output();

  protected readonly chosen = inject(Preferences);
  protected readonly preferences = preferences;
  protected readonly languages = languages;
}
