import {
  Button,
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Spinner,
  tokens,
} from "@fluentui/react-components";
import { useState } from "react";
import type { SetupFound, SetupFounded, SetupStatus } from "../../bindings/api";
import { useMessages } from "../../messages";
import { useSetup } from "../../nouns/useSetup";
import { WizardStep } from "../../shared/WizardStep";

const useStyles = makeStyles({
  form: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM, maxWidth: "620px" },
  row: {
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr) 140px",
    gap: tokens.spacingHorizontalM,
    alignItems: "start",
  },
  narrow: { minWidth: 0, "& input": { width: "100%", minWidth: 0 } },
});

const LOOPBACK = /^http:\/\/(localhost|127\.|\[::1\])/i;

const NONE: SetupFound = { authority: "", organization: "", country: "", pkiUrl: "", kra: "", kraFolder: "" };

interface Props {
  status: SetupStatus;
  onBack: () => void;
  onFounded: (founded: SetupFounded) => void;
}

/** The first installation of a fleet: its keys, an authority, a recovery agent. */
export function Found({ status, onBack, onFounded }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.setup.keys;
  const [typed, setTyped] = useState(status.proposal ?? NONE);
  const [asked, setAsked] = useState(false);
  const found = useSetup("setup_found");
  const field = (name: keyof SetupFound) => ({
    value: typed[name],
    onChange: (_: unknown, { value }: { value: string }) => setTyped((now) => ({ ...now, [name]: value })),
    spellCheck: false,
    autoComplete: "off",
    "data-field": name,
  });
  const withAuthority = typed.authority.trim() !== "";
  const withAgent = typed.kra.trim() !== "";
  const lacksFolder = withAgent && typed.kraFolder.trim() === "";
  const make = () => {
    setAsked(true);
    if (!lacksFolder) found.mutate(typed, { onSuccess: onFounded });
  };
  return (
    <WizardStep
      title={t.found}
      lead={t.foundLead}
      failure={found.error}
      actions={
        <>
          <Button onClick={onBack} disabledFocusable={found.isPending}>
            {m.setup.back}
          </Button>
          <Button
            appearance="primary"
            disabledFocusable={found.isPending}
            icon={found.isPending ? <Spinner size="tiny" /> : null}
            onClick={make}
            data-command="found"
          >
            {found.isPending ? t.founding : t.foundAction}
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <Field label={t.authority} hint={t.authorityHint}>
          <Input {...field("authority")} />
        </Field>
        {withAuthority && (
          <>
            <div className={styles.row}>
              <Field label={t.organization}>
                <Input {...field("organization")} />
              </Field>
              <Field label={t.country}>
                <Input {...field("country")} className={styles.narrow} maxLength={2} />
              </Field>
            </div>
            <Field label={t.pkiUrl} hint={t.pkiUrlHint} required>
              <Input {...field("pkiUrl")} />
            </Field>
            {LOOPBACK.test(typed.pkiUrl) && (
              <MessageBar intent="warning" layout="multiline">
                <MessageBarBody>{t.loopback}</MessageBarBody>
              </MessageBar>
            )}
          </>
        )}
        <Field label={t.kra} hint={t.kraHint}>
          <Input {...field("kra")} />
        </Field>
        {withAgent && (
          <Field
            label={t.kraFolder}
            hint={t.kraFolderHint}
            validationMessage={asked && lacksFolder ? m.setup.connect.missing : null}
            required
          >
            <Input {...field("kraFolder")} />
          </Field>
        )}
      </div>
    </WizardStep>
  );
}
