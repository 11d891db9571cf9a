-- Sealwright on MySQL 8, MariaDB 10.6 or newer, Azure Database for MySQL: the rights of every role.
-- Written by `./dev grants` from src-tauri/base/store-sql/src/roles; do not edit.
--
-- Run it after `sealwright migrate`, and again after each upgrade, as an administrator of the server. Afterwards each role
-- has exactly the rights below: what was granted to it otherwise is taken back. Accounts keep their roles.
-- A program that asks while this runs may be refused for a moment; it tries again.
-- docs/database.md says in words what each role may do and how to make accounts.

CREATE ROLE IF NOT EXISTS `sealwright_admin`;
CREATE ROLE IF NOT EXISTS `sealwright_manager`;
CREATE ROLE IF NOT EXISTS `sealwright_kra`;
CREATE ROLE IF NOT EXISTS `sealwright_auditor`;
CREATE ROLE IF NOT EXISTS `sealwright_helpdesk`;
CREATE ROLE IF NOT EXISTS `sealwright_daemon`;
CREATE ROLE IF NOT EXISTS `sealwright_portal`;

-- Whatever the roles had before.
REVOKE ALL PRIVILEGES, GRANT OPTION FROM `sealwright_admin`;
REVOKE ALL PRIVILEGES, GRANT OPTION FROM `sealwright_manager`;
REVOKE ALL PRIVILEGES, GRANT OPTION FROM `sealwright_kra`;
REVOKE ALL PRIVILEGES, GRANT OPTION FROM `sealwright_auditor`;
REVOKE ALL PRIVILEGES, GRANT OPTION FROM `sealwright_helpdesk`;
REVOKE ALL PRIVILEGES, GRANT OPTION FROM `sealwright_daemon`;
REVOKE ALL PRIVILEGES, GRANT OPTION FROM `sealwright_portal`;

-- administrator: sets up authorities, templates, settings and installations; orders and revokes.
GRANT SELECT, UPDATE (`due`) ON `sealwright`.`subscriber` TO `sealwright_admin`;
GRANT SELECT ON `sealwright`.`subscriber_name` TO `sealwright_admin`;
GRANT SELECT ON `sealwright`.`membership` TO `sealwright_admin`;
GRANT SELECT ON `sealwright`.`mailbox_holder` TO `sealwright_admin`;
GRANT SELECT ON `sealwright`.`skip` TO `sealwright_admin`;
GRANT SELECT (`resource`, `full_at`) ON `sealwright`.`sync_cursor` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`name`, `name_lc`, `version`, `changed_at`, `changed_by`) ON `sealwright`.`template` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`body`) ON `sealwright`.`template_body` TO `sealwright_admin`;
GRANT SELECT, INSERT ON `sealwright`.`authority` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`sealed`) ON `sealwright`.`authority_secret` TO `sealwright_admin`;
GRANT SELECT, INSERT, DELETE ON `sealwright`.`kra` TO `sealwright_admin`;
GRANT SELECT, INSERT ON `sealwright`.`kra_set` TO `sealwright_admin`;
GRANT SELECT, INSERT ON `sealwright`.`kra_set_signature` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`station`, `state`, `ticket`, `certificate`, `attempts`, `last_error`, `updated_at`, `open_key`) ON `sealwright`.`enrollment` TO `sealwright_admin`;
GRANT SELECT, INSERT ON `sealwright`.`journal` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`state`, `revoked_at`, `revoked_reason`) ON `sealwright`.`certificate` TO `sealwright_admin`;
GRANT SELECT (`enrollment`, `certificate`, `spki_sha256`, `kra_thumbprints`, `sealed_at`), INSERT ON `sealwright`.`archived_key` TO `sealwright_admin`;
GRANT SELECT (`enrollment`) ON `sealwright`.`inflight_key` TO `sealwright_admin`;
GRANT SELECT, INSERT ON `sealwright`.`certificate_der` TO `sealwright_admin`;
GRANT SELECT, INSERT ON `sealwright`.`chain_link` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`state`, `record`, `at`) ON `sealwright`.`delivery` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`code`, `made_at`, `expires_at`, `confirmed_at`, `confirmed_by`, `device`) ON `sealwright`.`canary` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`cause`, `since`, `due_at`, `done_at`), DELETE ON `sealwright`.`ending` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`state`, `detail`, `at`) ON `sealwright`.`publication` TO `sealwright_admin`;
GRANT SELECT ON `sealwright`.`address_book` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`was`, `state`), DELETE ON `sealwright`.`certificate_hold` TO `sealwright_admin`;
GRANT SELECT, UPDATE (`state`, `decided_at`, `decided_by`, `reason`, `ordered_at`) ON `sealwright`.`drift_finding` TO `sealwright_admin`;
GRANT SELECT ON `sealwright`.`drift_reading` TO `sealwright_admin`;
GRANT SELECT, INSERT ON `sealwright`.`replacement` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`state`, `body`, `version`) ON `sealwright`.`campaign` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`wave`, `stage`, `enrollment`, `why`, `look_at`, `ordered_at`, `present_at`, `revoking_at`, `revoked_at`) ON `sealwright`.`campaign_member` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`due_at`, `woken_at`) ON `sealwright`.`job` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`next_run`, `woken_at`) ON `sealwright`.`service` TO `sealwright_admin`;
GRANT SELECT, INSERT ON `sealwright`.`audit_log` TO `sealwright_admin`;
GRANT SELECT, UPDATE (`seq`, `hash`) ON `sealwright`.`audit_head` TO `sealwright_admin`;
GRANT SELECT, INSERT ON `sealwright`.`audit_tree_head` TO `sealwright_admin`;
GRANT SELECT (`id`, `body`, `signature`, `state`, `created_at`, `expires_at`) ON `sealwright`.`recovery_request` TO `sealwright_admin`;
GRANT SELECT (`request`, `certificate`, `officer`, `granted_at`) ON `sealwright`.`recovery_grant` TO `sealwright_admin`;
GRANT SELECT ON `sealwright`.`issued` TO `sealwright_admin`;
GRANT SELECT ON `sealwright`.`revocation` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`number`) ON `sealwright`.`crl_number` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`name`, `certificate_der`, `asked_at`, `seen_at`, `version`, `role`), DELETE ON `sealwright`.`installation` TO `sealwright_admin`;
GRANT SELECT, INSERT ON `sealwright`.`admission` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`body`, `version`, `changed_at`, `changed_by`), DELETE ON `sealwright`.`setting` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`sealed`, `sealed_at`), DELETE ON `sealwright`.`secret` TO `sealwright_admin`;
GRANT SELECT, INSERT, UPDATE (`free_at`, `rest_until`) ON `sealwright`.`budget` TO `sealwright_admin`;
GRANT SELECT ON `sealwright`.`schema_info` TO `sealwright_admin`;
GRANT SELECT ON `sealwright`.`schema_step` TO `sealwright_admin`;

-- certificate manager: orders, retries, renews and revokes certificates.
GRANT SELECT, UPDATE (`due`) ON `sealwright`.`subscriber` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`subscriber_name` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`membership` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`mailbox_holder` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`skip` TO `sealwright_manager`;
GRANT SELECT (`resource`, `full_at`) ON `sealwright`.`sync_cursor` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`template` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`template_body` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`authority` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`kra` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`kra_set` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`kra_set_signature` TO `sealwright_manager`;
GRANT SELECT, INSERT, UPDATE (`station`, `state`, `ticket`, `certificate`, `attempts`, `last_error`, `updated_at`, `open_key`) ON `sealwright`.`enrollment` TO `sealwright_manager`;
GRANT SELECT, INSERT ON `sealwright`.`journal` TO `sealwright_manager`;
GRANT SELECT, INSERT, UPDATE (`state`, `revoked_at`, `revoked_reason`) ON `sealwright`.`certificate` TO `sealwright_manager`;
GRANT SELECT (`enrollment`, `certificate`, `spki_sha256`, `kra_thumbprints`, `sealed_at`), INSERT ON `sealwright`.`archived_key` TO `sealwright_manager`;
GRANT SELECT (`enrollment`) ON `sealwright`.`inflight_key` TO `sealwright_manager`;
GRANT SELECT, INSERT ON `sealwright`.`certificate_der` TO `sealwright_manager`;
GRANT SELECT, INSERT ON `sealwright`.`chain_link` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`delivery` TO `sealwright_manager`;
GRANT SELECT, INSERT, UPDATE (`code`, `made_at`, `expires_at`, `confirmed_at`, `confirmed_by`, `device`) ON `sealwright`.`canary` TO `sealwright_manager`;
GRANT SELECT, INSERT, UPDATE (`cause`, `since`, `due_at`, `done_at`), DELETE ON `sealwright`.`ending` TO `sealwright_manager`;
GRANT SELECT, INSERT, UPDATE (`state`, `detail`, `at`) ON `sealwright`.`publication` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`address_book` TO `sealwright_manager`;
GRANT SELECT, INSERT, UPDATE (`was`, `state`), DELETE ON `sealwright`.`certificate_hold` TO `sealwright_manager`;
GRANT SELECT, UPDATE (`state`, `decided_at`, `decided_by`, `reason`, `ordered_at`) ON `sealwright`.`drift_finding` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`drift_reading` TO `sealwright_manager`;
GRANT SELECT, INSERT ON `sealwright`.`replacement` TO `sealwright_manager`;
GRANT SELECT, INSERT, UPDATE (`state`, `body`, `version`) ON `sealwright`.`campaign` TO `sealwright_manager`;
GRANT SELECT, INSERT, UPDATE (`wave`, `stage`, `enrollment`, `why`, `look_at`, `ordered_at`, `present_at`, `revoking_at`, `revoked_at`) ON `sealwright`.`campaign_member` TO `sealwright_manager`;
GRANT SELECT, INSERT, UPDATE (`due_at`, `woken_at`) ON `sealwright`.`job` TO `sealwright_manager`;
GRANT SELECT, INSERT, UPDATE (`next_run`, `woken_at`) ON `sealwright`.`service` TO `sealwright_manager`;
GRANT SELECT, INSERT ON `sealwright`.`audit_log` TO `sealwright_manager`;
GRANT SELECT, UPDATE (`seq`, `hash`) ON `sealwright`.`audit_head` TO `sealwright_manager`;
GRANT SELECT, INSERT ON `sealwright`.`audit_tree_head` TO `sealwright_manager`;
GRANT SELECT, INSERT, UPDATE (`name`, `certificate_der`, `asked_at`, `seen_at`, `version`, `role`) ON `sealwright`.`installation` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`admission` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`setting` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`schema_info` TO `sealwright_manager`;
GRANT SELECT ON `sealwright`.`schema_step` TO `sealwright_manager`;

-- KRA officer: opens archived keys, with the private key that only the officer has.
GRANT SELECT ON `sealwright`.`subscriber` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`subscriber_name` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`membership` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`mailbox_holder` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`skip` TO `sealwright_kra`;
GRANT SELECT (`resource`, `full_at`) ON `sealwright`.`sync_cursor` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`template` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`template_body` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`authority` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`kra` TO `sealwright_kra`;
GRANT SELECT, INSERT ON `sealwright`.`kra_set` TO `sealwright_kra`;
GRANT SELECT, INSERT ON `sealwright`.`kra_set_signature` TO `sealwright_kra`;
GRANT SELECT, UPDATE (`station`, `state`, `attempts`, `last_error`, `updated_at`, `open_key`) ON `sealwright`.`enrollment` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`journal` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`certificate` TO `sealwright_kra`;
GRANT SELECT, UPDATE (`envelope`, `kra_thumbprints`) ON `sealwright`.`archived_key` TO `sealwright_kra`;
GRANT SELECT (`enrollment`), INSERT ON `sealwright`.`inflight_key` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`certificate_der` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`chain_link` TO `sealwright_kra`;
GRANT SELECT, UPDATE (`state`, `record`, `at`) ON `sealwright`.`delivery` TO `sealwright_kra`;
GRANT SELECT (`delivery`, `made_at`, `expires_at`, `confirmed_at`, `confirmed_by`, `device`) ON `sealwright`.`canary` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`ending` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`publication` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`address_book` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`certificate_hold` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`drift_finding` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`drift_reading` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`replacement` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`campaign` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`campaign_member` TO `sealwright_kra`;
GRANT SELECT, INSERT, UPDATE (`due_at`, `woken_at`) ON `sealwright`.`job` TO `sealwright_kra`;
GRANT SELECT, INSERT, UPDATE (`last_run`, `last_result`, `failed`) ON `sealwright`.`service` TO `sealwright_kra`;
GRANT SELECT, INSERT ON `sealwright`.`audit_log` TO `sealwright_kra`;
GRANT SELECT, UPDATE (`seq`, `hash`) ON `sealwright`.`audit_head` TO `sealwright_kra`;
GRANT SELECT, INSERT ON `sealwright`.`audit_tree_head` TO `sealwright_kra`;
GRANT SELECT, INSERT, UPDATE (`state`, `sealed_key`) ON `sealwright`.`recovery_request` TO `sealwright_kra`;
GRANT SELECT, INSERT ON `sealwright`.`recovery_grant` TO `sealwright_kra`;
GRANT SELECT, INSERT, UPDATE (`name`, `certificate_der`, `asked_at`, `seen_at`, `version`, `role`) ON `sealwright`.`installation` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`admission` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`setting` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`schema_info` TO `sealwright_kra`;
GRANT SELECT ON `sealwright`.`schema_step` TO `sealwright_kra`;

-- auditor: reads everything that is not secret, writes nothing.
GRANT SELECT ON `sealwright`.`subscriber` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`subscriber_name` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`membership` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`mailbox_holder` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`skip` TO `sealwright_auditor`;
GRANT SELECT (`resource`, `full_at`) ON `sealwright`.`sync_cursor` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`template` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`template_body` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`authority` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`kra` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`kra_set` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`kra_set_signature` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`enrollment` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`journal` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`certification_request` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`certificate` TO `sealwright_auditor`;
GRANT SELECT (`enrollment`, `certificate`, `spki_sha256`, `kra_thumbprints`, `sealed_at`) ON `sealwright`.`archived_key` TO `sealwright_auditor`;
GRANT SELECT (`enrollment`) ON `sealwright`.`inflight_key` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`certificate_der` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`chain_link` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`delivery` TO `sealwright_auditor`;
GRANT SELECT (`delivery`, `made_at`, `expires_at`, `confirmed_at`, `confirmed_by`, `device`) ON `sealwright`.`canary` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`ending` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`publication` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`address_book` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`certificate_hold` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`drift_finding` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`drift_reading` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`replacement` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`campaign` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`campaign_member` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`job` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`service` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`audit_log` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`audit_head` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`audit_tree_head` TO `sealwright_auditor`;
GRANT SELECT (`id`, `body`, `signature`, `state`, `created_at`, `expires_at`) ON `sealwright`.`recovery_request` TO `sealwright_auditor`;
GRANT SELECT (`request`, `certificate`, `officer`, `granted_at`) ON `sealwright`.`recovery_grant` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`issued` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`issued_der` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`revocation` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`crl_number` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`installation` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`admission` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`setting` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`schema_info` TO `sealwright_auditor`;
GRANT SELECT ON `sealwright`.`schema_step` TO `sealwright_auditor`;

-- help desk: sees people, certificates and how far they came, writes nothing.
GRANT SELECT ON `sealwright`.`subscriber` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`subscriber_name` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`membership` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`mailbox_holder` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`skip` TO `sealwright_helpdesk`;
GRANT SELECT (`resource`, `full_at`) ON `sealwright`.`sync_cursor` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`template` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`template_body` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`authority` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`kra` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`kra_set` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`kra_set_signature` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`enrollment` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`journal` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`certificate` TO `sealwright_helpdesk`;
GRANT SELECT (`enrollment`, `certificate`, `spki_sha256`, `kra_thumbprints`, `sealed_at`) ON `sealwright`.`archived_key` TO `sealwright_helpdesk`;
GRANT SELECT (`enrollment`) ON `sealwright`.`inflight_key` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`certificate_der` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`chain_link` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`delivery` TO `sealwright_helpdesk`;
GRANT SELECT (`delivery`, `made_at`, `expires_at`, `confirmed_at`, `confirmed_by`, `device`) ON `sealwright`.`canary` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`ending` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`publication` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`address_book` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`certificate_hold` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`drift_finding` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`drift_reading` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`replacement` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`campaign` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`campaign_member` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`job` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`service` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`installation` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`admission` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`setting` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`schema_info` TO `sealwright_helpdesk`;
GRANT SELECT ON `sealwright`.`schema_step` TO `sealwright_helpdesk`;

-- daemon: does the work: reads the directory, enrolls, delivers, revokes.
GRANT SELECT, INSERT, UPDATE (`kind`, `upn`, `mail`, `aliases`, `display_name`, `given_name`, `surname`, `enabled`, `sid`, `seen_at`, `gone_at`, `sort_lc`, `due`) ON `sealwright`.`subscriber` TO `sealwright_daemon`;
GRANT SELECT, INSERT, DELETE ON `sealwright`.`subscriber_name` TO `sealwright_daemon`;
GRANT SELECT, INSERT, DELETE ON `sealwright`.`membership` TO `sealwright_daemon`;
GRANT SELECT, INSERT, DELETE ON `sealwright`.`mailbox_holder` TO `sealwright_daemon`;
GRANT SELECT, INSERT, DELETE ON `sealwright`.`skip` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`delta_link`, `full_at`, `read_at`), DELETE ON `sealwright`.`sync_cursor` TO `sealwright_daemon`;
GRANT SELECT ON `sealwright`.`template` TO `sealwright_daemon`;
GRANT SELECT ON `sealwright`.`template_body` TO `sealwright_daemon`;
GRANT SELECT ON `sealwright`.`authority` TO `sealwright_daemon`;
GRANT SELECT, UPDATE (`sealed`) ON `sealwright`.`authority_secret` TO `sealwright_daemon`;
GRANT SELECT ON `sealwright`.`kra` TO `sealwright_daemon`;
GRANT SELECT ON `sealwright`.`kra_set` TO `sealwright_daemon`;
GRANT SELECT ON `sealwright`.`kra_set_signature` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`station`, `state`, `ticket`, `certificate`, `attempts`, `last_error`, `updated_at`, `open_key`) ON `sealwright`.`enrollment` TO `sealwright_daemon`;
GRANT SELECT, INSERT ON `sealwright`.`journal` TO `sealwright_daemon`;
GRANT SELECT, INSERT ON `sealwright`.`certification_request` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`state`, `revoked_at`, `revoked_reason`, `archived`, `checked_at`) ON `sealwright`.`certificate` TO `sealwright_daemon`;
GRANT SELECT (`enrollment`, `certificate`, `spki_sha256`, `kra_thumbprints`, `sealed_at`), INSERT, UPDATE (`certificate`) ON `sealwright`.`archived_key` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`envelope`), DELETE ON `sealwright`.`inflight_key` TO `sealwright_daemon`;
GRANT SELECT, INSERT ON `sealwright`.`certificate_der` TO `sealwright_daemon`;
GRANT SELECT, INSERT ON `sealwright`.`chain_link` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`state`, `record`, `at`) ON `sealwright`.`delivery` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`code`, `made_at`, `expires_at`, `confirmed_at`, `confirmed_by`, `device`) ON `sealwright`.`canary` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`cause`, `since`, `due_at`, `done_at`), DELETE ON `sealwright`.`ending` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`state`, `detail`, `at`) ON `sealwright`.`publication` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`habit`, `learned_at`) ON `sealwright`.`address_book` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`was`, `state`), DELETE ON `sealwright`.`certificate_hold` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`certificate`, `sentence`, `first_seen`, `last_seen`, `state`, `decided_at`, `decided_by`, `reason`, `ordered_at`), DELETE ON `sealwright`.`drift_finding` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`read_at`, `tried_at`, `compared`, `not_compared`) ON `sealwright`.`drift_reading` TO `sealwright_daemon`;
GRANT SELECT, INSERT ON `sealwright`.`replacement` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`state`, `body`, `version`) ON `sealwright`.`campaign` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`wave`, `stage`, `enrollment`, `why`, `look_at`, `ordered_at`, `present_at`, `revoking_at`, `revoked_at`) ON `sealwright`.`campaign_member` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`due_at`, `attempts`, `woken_at`, `lease_owner`, `lease_until`, `lease_token`), DELETE ON `sealwright`.`job` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`last_run`, `last_result`, `failed`, `next_run`, `woken_at`, `claim_owner`, `claim_until`) ON `sealwright`.`service` TO `sealwright_daemon`;
GRANT SELECT, INSERT ON `sealwright`.`audit_log` TO `sealwright_daemon`;
GRANT SELECT, UPDATE (`seq`, `hash`) ON `sealwright`.`audit_head` TO `sealwright_daemon`;
GRANT SELECT, INSERT ON `sealwright`.`audit_tree_head` TO `sealwright_daemon`;
GRANT SELECT, INSERT ON `sealwright`.`issued` TO `sealwright_daemon`;
GRANT SELECT, INSERT ON `sealwright`.`issued_der` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`reason`), DELETE ON `sealwright`.`revocation` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`number`) ON `sealwright`.`crl_number` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`name`, `certificate_der`, `asked_at`, `seen_at`, `version`, `role`) ON `sealwright`.`installation` TO `sealwright_daemon`;
GRANT SELECT ON `sealwright`.`admission` TO `sealwright_daemon`;
GRANT SELECT ON `sealwright`.`setting` TO `sealwright_daemon`;
GRANT SELECT, UPDATE (`sealed`, `sealed_at`) ON `sealwright`.`secret` TO `sealwright_daemon`;
GRANT SELECT, INSERT, UPDATE (`free_at`, `rest_until`) ON `sealwright`.`budget` TO `sealwright_daemon`;
GRANT SELECT ON `sealwright`.`schema_info` TO `sealwright_daemon`;
GRANT SELECT ON `sealwright`.`schema_step` TO `sealwright_daemon`;

-- portal: shows owners their certificates and takes their wish to revoke one.
GRANT SELECT, UPDATE (`due`) ON `sealwright`.`subscriber` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`subscriber_name` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`membership` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`mailbox_holder` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`template` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`template_body` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`authority` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`kra` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`kra_set` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`kra_set_signature` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`enrollment` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`certificate` TO `sealwright_portal`;
GRANT SELECT (`enrollment`, `certificate`, `kra_thumbprints`, `sealed_at`) ON `sealwright`.`archived_key` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`certificate_der` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`chain_link` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`delivery` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`ending` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`publication` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`certificate_hold` TO `sealwright_portal`;
GRANT SELECT (`job_key`, `due_at`), INSERT, UPDATE (`due_at`) ON `sealwright`.`job` TO `sealwright_portal`;
GRANT INSERT ON `sealwright`.`audit_log` TO `sealwright_portal`;
GRANT SELECT, UPDATE (`seq`, `hash`) ON `sealwright`.`audit_head` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`installation` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`admission` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`setting` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`schema_info` TO `sealwright_portal`;
GRANT SELECT ON `sealwright`.`schema_step` TO `sealwright_portal`;

-- Accounts. Each with a password of its own; `REQUIRE SSL` keeps it from being sent in clear.
--
--   CREATE USER 'seal_daemon'@'10.1.%' IDENTIFIED BY '...' REQUIRE SSL;
--   GRANT `sealwright_daemon` TO 'seal_daemon'@'10.1.%';
--   SET DEFAULT ROLE `sealwright_daemon` TO 'seal_daemon'@'10.1.%';     -- MySQL
--   SET DEFAULT ROLE `sealwright_daemon` FOR 'seal_daemon'@'10.1.%';    -- MariaDB
--
-- Without a default role the account may do nothing.
--
-- A person with two roles: MySQL takes several default roles (`SET DEFAULT ROLE a, b TO ...`), MariaDB one, so make one
-- that holds both:
--
--   CREATE ROLE `sealwright_both`;  GRANT `sealwright_manager` TO `sealwright_both`;  GRANT `sealwright_auditor` TO `sealwright_both`;
--
-- Azure Database for MySQL with Entra ID, as the server's Entra administrator; the program signs in with a token:
--
--   CREATE AADUSER 'anna@contoso.com';
--   CREATE AADUSER 'Certificate managers';            -- a group
--   CREATE AADUSER 'seal-daemon';                     -- a managed identity
--   GRANT `sealwright_manager` TO 'Certificate managers'@'%';
--   SET DEFAULT ROLE `sealwright_manager` TO 'Certificate managers'@'%';
