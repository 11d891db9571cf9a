import {
  Button,
  Field,
  makeStyles,
  mergeClasses,
  Radio,
  RadioGroup,
  tokens,
} from "@fluentui/react-components";
import { useMessages } from "../../messages";
import { useSetup } from "../../nouns/useSetup";
import { WizardStep } from "../../shared/WizardStep";

const useStyles = makeStyles({
  choices: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalS },
  choice: {
    padding: `${tokens.spacingVerticalXS} ${tokens.spacingHorizontalM} ${tokens.spacingVerticalM} ${tokens.spacingHorizontalXS}`,
    border: `${tokens.strokeWidthThin} solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  chosen: { border: `${tokens.strokeWidthThin} solid ${tokens.colorBrandStroke1}` },
  hint: { margin: `0 0 0 40px`, color: tokens.colorNeutralForeground2, maxWidth: "620px" },
  name: { fontWeight: tokens.fontWeightSemibold },
});

interface Props {
  server: boolean;
  onServer: (server: boolean) => void;
  /** To the connection form. */
  onConnect: () => void;
  /** The embedded database is there. */
  onMade: () => void;
}

const EMBEDDED = {
  kind: "embedded",
  host: "",
  port: 0,
  database: "",
  account: "",
  authentication: "password",
  caFile: "",
};

/** On this machine, or on a server. */
export function Where({ server, onServer, onConnect, onMade }: Props) {
  const styles = useStyles();
  const m = useMessages();
  const t = m.setup.where;
  const test = useSetup("setup_test");
  const apply = useSetup("setup_apply");
  const next = () => {
    if (server) onConnect();
    // The file in the home folder needs no questions: it is made at once.
    else
      test.mutate(
        { target: EMBEDDED, password: null },
        { onSuccess: () => apply.mutate({}, { onSuccess: onMade }) },
      );
  };
  const choices = [
    { value: "embedded", name: t.embedded, hint: t.embeddedHint },
    { value: "server", name: t.server, hint: t.serverHint },
  ];
  const value = server ? "server" : "embedded";
  return (
    <WizardStep
      title={m.setup.steps.where}
      failure={test.error ?? apply.error}
      actions={
        <Button
          appearance="primary"
          disabledFocusable={test.isPending || apply.isPending}
          onClick={next}
          data-command="setupNext"
        >
          {m.setup.next}
        </Button>
      }
    >
      <Field label={t.legend}>
        <RadioGroup
          className={styles.choices}
          value={value}
          onChange={(_, { value: chosen }) => onServer(chosen === "server")}
        >
          {choices.map((choice) => (
            <div
              key={choice.value}
              className={mergeClasses(styles.choice, choice.value === value && styles.chosen)}
            >
              <Radio
                value={choice.value}
                label={<span className={styles.name}>{choice.name}</span>}
                aria-describedby={`where-${choice.value}`}
              />
              <p id={`where-${choice.value}`} className={styles.hint}>
                {choice.hint}
              </p>
            </div>
          ))}
        </RadioGroup>
      </Field>
    </WizardStep>
  );
}
