import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  MessageBar,
  MessageBarBody,
  makeStyles,
  tokens,
} from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import type { CertificateLine } from "../../bindings/api";
import { useMessages } from "../../messages";
import { addressOf } from "../../shared/address";
import { useCommand } from "../../shared/command";
import { Facts } from "../../shared/Facts";
import { useFocusReturn } from "../../shared/focusReturn";
import { Refusal } from "../../shared/Refusal";
import { Moment } from "../../shared/time";
import { certificateQuery } from "./queries";

const useStyles = makeStyles({
  content: { display: "flex", flexDirection: "column", gap: tokens.spacingVerticalM },
});

interface Props {
  certificate: CertificateLine;
  onClose: () => void;
}

/** Asks before a new key is made and delivered, and says what becomes of the old certificate. */
export function RenewDialog({ certificate, onClose }: Props) {
  const styles = useStyles();
  const m = useMessages();
  useFocusReturn();
  const details = useQuery(certificateQuery(certificate.id));
  const name = certificate.commonName;
  const { mutate, isPending, error } = useCommand("renew_certificate", {
    showsFailure: true,
    done: (context: string, { enrollment }) => ({
      title: m.certificates.renewed(context),
      link: {
        label: m.certificates.showEnrollment,
        href: addressOf("activity", { selected: enrollment }),
      },
    }),
  });
  const confirm = () =>
    mutate({ request: { id: certificate.id }, context: name }, { onSuccess: () => onClose() });
  const sentences = [
    m.renew.order,
    certificate.status === "valid" ? m.renew.oldStays : m.renew.oldUnchanged,
    ...(certificate.archived ? [m.renew.readable] : []),
  ];

  return (
    <Dialog open modalType="alert" onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{m.renew.title(name)}</DialogTitle>
          <DialogContent className={styles.content}>
            <Facts
              facts={[
                { name: m.details.template, value: certificate.template },
                { name: m.details.subject, value: details.data?.subject ?? name },
                { name: m.details.notAfter, value: <Moment at={certificate.notAfter} /> },
              ]}
            />
            {error && <Refusal failure={error} />}
            <MessageBar intent="info" layout="multiline">
              <MessageBarBody>{sentences.join(" ")}</MessageBarBody>
            </MessageBar>
          </DialogContent>
          <DialogActions fluid>
            <Button onClick={onClose}>{m.renew.cancel}</Button>
            <Button
              appearance="primary"
              disabledFocusable={isPending}
              onClick={confirm}
              data-command="confirmRenew"
            >
              {m.renew.confirm}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
