// Whoever asked does what was asked, and sees what came of it.
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  makeStyles,
  Spinner,
  Switch,
} from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import type { RecoveryCompleted, RecoveryDesk, RecoveryLine } from "../../../bindings/api";
import { type Messages, useMessages } from "../../../messages";
import { Unread } from "../../../shared/fileContent";
import { useFocusReturn } from "../../../shared/focusReturn";
import { PlaceField } from "../../../shared/PlaceField";
import { Refusal } from "../../../shared/Refusal";
import { useTallContent } from "../../../shared/tallContent";
import { useSize } from "../../../shared/useSize";
import { owners } from "../desk/next";
import { type Outcome, outcomeIn } from "../outcome";
import { useUnkept } from "../useUnkept";
import { Completed } from "./Completed";
import { MailsField } from "./MailsField";
import { folderBelow, liesIn, octetsOf, readMails } from "./mails";

const useStyles = makeStyles({
  surface: { maxWidth: "680px" },
  text: { margin: 0 },
});

interface Props {
  line: RecoveryLine;
  desk: RecoveryDesk;
  onClose: () => void;
}

export function CompleteDialog({ line, desk, onClose }: Props) {
  const styles = useStyles();
  const content = useTallContent();
  const t = useMessages().recovery;
  const c = t.completing;
  const size = useSize();
  useFocusReturn();
  const [files, setFiles] = useState<File[]>([]);
  const [folder, setFolder] = useState(() => folderBelow(desk.folder, line.id));
  const [passwordFile, setPasswordFile] = useState("");
  const [compatible, setCompatible] = useState(false);
  const [tried, setTried] = useState(false);
  const [unread, setUnread] = useState<string | null>(null);
  const [reading, setReading] = useState(false);
  const [completed, setCompleted] = useState<RecoveryCompleted | null>(null);
  const complete = useUnkept("complete_recovery");

  const outcome = outcomeIn(line.wanted);
  const mails = outcome === "decryptedMails";
  const hands = outcome === "fileForOwner" || outcome === "fileForOther";
  const known = outcome !== "unknown";
  const busy = reading || complete.pending;
  const mailsFault = !mails
    ? null
    : files.length === 0
      ? c.mailsMissing
      : files.length > desk.mostMails
        ? c.mailsMany(desk.mostMails)
        : octetsOf(files) > desk.mostOctets
          ? c.mailsLarge(size(desk.mostOctets))
          : null;
  const folderFault = (mails || hands) && folder.trim() === "" ? c.folderMissing : null;
  const passwordFault = !hands
    ? null
    : passwordFile.trim() === ""
      ? c.passwordFileMissing
      : liesIn(passwordFile, folder)
        ? c.passwordFileSame
        : null;

  const go = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (busy || !known || mailsFault !== null || folderFault !== null || passwordFault !== null) return;
    setUnread(null);
    setReading(true);
    try {
      const given = mails ? await readMails(files) : [];
      const answer = await complete.run({
        id: line.id,
        folder: mails || hands ? folder.trim() : null,
        passwordFile: hands ? passwordFile.trim() : null,
        compatible: hands && compatible,
        mails: given,
      });
      if (answer) setCompleted(answer);
    } catch (thrown) {
      if (!(thrown instanceof Unread)) throw thrown;
      setUnread(thrown.file);
    } finally {
      setReading(false);
    }
  };

  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && !busy && onClose()}>
      <DialogSurface className={styles.surface} data-complete={completed ? "done" : line.wanted}>
        <form onSubmit={(event) => void go(event)} noValidate>
          <DialogBody>
            <DialogTitle>{c.title}</DialogTitle>
            <DialogContent className={content}>
              {completed ? (
                <Completed answer={completed} line={line} folder={desk.exports} outcome={outcome} />
              ) : (
                <>
                  <p className={styles.text}>{leadOf(outcome, line, t)}</p>
                  {mails && (
                    <MailsField
                      files={files}
                      onFiles={setFiles}
                      fault={tried || files.length > 0 ? mailsFault : null}
                      most={desk.mostMails}
                      octets={desk.mostOctets}
                    />
                  )}
                  {(mails || hands) && (
                    <PlaceField
                      label={c.folder}
                      id="folder"
                      value={folder}
                      onChange={setFolder}
                      hint={hands ? c.folderHintNew : c.folderHint}
                      fault={tried ? folderFault : null}
                    />
                  )}
                  {hands && (
                    <>
                      <PlaceField
                        label={c.passwordFile}
                        id="passwordFile"
                        value={passwordFile}
                        onChange={setPasswordFile}
                        hint={c.passwordFileHint}
                        fault={tried ? passwordFault : null}
                      />
                      <Field hint={c.compatibleHint}>
                        <Switch
                          label={c.compatible}
                          checked={compatible}
                          onChange={(_, { checked }) => setCompatible(checked)}
                        />
                      </Field>
                    </>
                  )}
                  {unread !== null && (
                    <p className={styles.text} role="alert">
                      {c.mailsUnread(unread)}
                    </p>
                  )}
                  {complete.failure && <Refusal failure={complete.failure} />}
                </>
              )}
            </DialogContent>
            <DialogActions fluid>
              {completed ? (
                <Button appearance="primary" onClick={onClose} data-command="closeComplete">
                  {t.close}
                </Button>
              ) : (
                <>
                  <Button disabledFocusable={busy} onClick={() => !busy && onClose()}>
                    {t.cancel}
                  </Button>
                  <Button
                    appearance="primary"
                    type="submit"
                    disabledFocusable={busy || !known}
                    icon={busy ? <Spinner size="tiny" /> : null}
                    data-command="complete"
                  >
                    {busy ? (outcome === "sealedAnew" ? c.sealing : c.working) : c.confirm}
                  </Button>
                </>
              )}
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}

/** What happens on this machine now, and what not. */
function leadOf(outcome: Outcome | "unknown", line: RecoveryLine, t: Messages["recovery"]): string {
  const c = t.completing;
  switch (outcome) {
    case "decryptedMails":
      return c.mailsLead;
    case "ownersDevices":
      return c.devicesLead(owners(line, t.andMore));
    case "fileForOwner":
    case "fileForOther":
      return c.filesLead;
    case "sealedAnew":
      return c.anewLead(line.keys.length, line.to ?? "–");
    case "unknown":
      return t.wizard.discloses.unknown;
  }
}
