-- Sealwright on SQL Server 2019 or newer and Azure SQL: the rights of every role.
-- Written by `./dev grants` from src-tauri/base/store-sql/src/roles; do not edit.
--
-- Run it in the database after `sealwright migrate`, and again after each upgrade, as its db_owner. Afterwards each role
-- has exactly the rights below on the program's tables: what was granted to it otherwise is taken back. Users keep their
-- roles. Nothing is denied with DENY, so that a person can have several roles.
-- docs/database.md says in words what each role may do and how to make users.

SET XACT_ABORT ON;

IF DATABASE_PRINCIPAL_ID(N'sealwright_admin') IS NULL CREATE ROLE [sealwright_admin];
IF DATABASE_PRINCIPAL_ID(N'sealwright_manager') IS NULL CREATE ROLE [sealwright_manager];
IF DATABASE_PRINCIPAL_ID(N'sealwright_kra') IS NULL CREATE ROLE [sealwright_kra];
IF DATABASE_PRINCIPAL_ID(N'sealwright_auditor') IS NULL CREATE ROLE [sealwright_auditor];
IF DATABASE_PRINCIPAL_ID(N'sealwright_helpdesk') IS NULL CREATE ROLE [sealwright_helpdesk];
IF DATABASE_PRINCIPAL_ID(N'sealwright_daemon') IS NULL CREATE ROLE [sealwright_daemon];
IF DATABASE_PRINCIPAL_ID(N'sealwright_portal') IS NULL CREATE ROLE [sealwright_portal];

BEGIN TRANSACTION;

-- Whatever the roles had before.
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[subscriber] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([id], [kind], [upn], [mail], [aliases], [display_name], [given_name], [surname], [enabled], [sid], [seen_at], [gone_at], [sort_lc], [due]), UPDATE ([id], [kind], [upn], [mail], [aliases], [display_name], [given_name], [surname], [enabled], [sid], [seen_at], [gone_at], [sort_lc], [due]) ON dbo.[subscriber] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[subscriber_name] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([name_lc], [subscriber]), UPDATE ([name_lc], [subscriber]) ON dbo.[subscriber_name] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[membership] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([subscriber], [group_id]), UPDATE ([subscriber], [group_id]) ON dbo.[membership] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[mailbox_holder] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([mailbox], [person], [upn]), UPDATE ([mailbox], [person], [upn]) ON dbo.[mailbox_holder] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[skip] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([subscriber], [template], [who], [why]), UPDATE ([subscriber], [template], [who], [why]) ON dbo.[skip] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[sync_cursor] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([resource], [delta_link], [full_at], [read_at]), UPDATE ([resource], [delta_link], [full_at], [read_at]) ON dbo.[sync_cursor] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[template] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([id], [name], [name_lc], [version], [changed_at], [changed_by]), UPDATE ([id], [name], [name_lc], [version], [changed_at], [changed_by]) ON dbo.[template] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[template_body] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([template], [body]), UPDATE ([template], [body]) ON dbo.[template_body] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[authority] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([id], [name], [name_lc], [connector], [settings], [added_at]), UPDATE ([id], [name], [name_lc], [connector], [settings], [added_at]) ON dbo.[authority] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[authority_secret] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([authority], [sealed]), UPDATE ([authority], [sealed]) ON dbo.[authority_secret] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[kra] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([thumbprint], [name], [certificate_der], [not_after], [added_at]), UPDATE ([thumbprint], [name], [certificate_der], [not_after], [added_at]) ON dbo.[kra] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[enrollment] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([id], [subscriber], [upn], [template], [authority], [names], [profile], [key_algorithm], [archive], [validity_days], [replaces], [reason], [station], [state], [ticket], [certificate], [attempts], [last_error], [created_at], [updated_at], [open_key]), UPDATE ([id], [subscriber], [upn], [template], [authority], [names], [profile], [key_algorithm], [archive], [validity_days], [replaces], [reason], [station], [state], [ticket], [certificate], [attempts], [last_error], [created_at], [updated_at], [open_key]) ON dbo.[enrollment] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[journal] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([enrollment], [line], [station], [event], [detail], [at]), UPDATE ([enrollment], [line], [station], [event], [detail], [at]) ON dbo.[journal] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[certification_request] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([enrollment], [der], [spki_sha256]), UPDATE ([enrollment], [der], [spki_sha256]) ON dbo.[certification_request] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[certificate] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([id], [enrollment], [subscriber], [template], [authority], [purpose], [serial], [thumbprint], [common_name], [mail], [cn_lc], [mail_lc], [not_before], [not_after], [state], [revoked_at], [revoked_reason], [archived], [checked_at]), UPDATE ([id], [enrollment], [subscriber], [template], [authority], [purpose], [serial], [thumbprint], [common_name], [mail], [cn_lc], [mail_lc], [not_before], [not_after], [state], [revoked_at], [revoked_reason], [archived], [checked_at]) ON dbo.[certificate] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[archived_key] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([enrollment], [certificate], [spki_sha256], [envelope], [kra_thumbprints], [sealed_at]), UPDATE ([enrollment], [certificate], [spki_sha256], [envelope], [kra_thumbprints], [sealed_at]) ON dbo.[archived_key] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[inflight_key] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([enrollment], [envelope]), UPDATE ([enrollment], [envelope]) ON dbo.[inflight_key] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[certificate_der] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([certificate], [der], [chain]), UPDATE ([certificate], [der], [chain]) ON dbo.[certificate_der] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[chain_link] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([chain], [position], [der]), UPDATE ([chain], [position], [der]) ON dbo.[chain_link] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[delivery] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([id], [certificate], [person], [thumbprint], [upn], [state], [record], [at]), UPDATE ([id], [certificate], [person], [thumbprint], [upn], [state], [record], [at]) ON dbo.[delivery] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[job] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([id], [job_key], [kind], [due_at], [attempts], [woken_at], [lease_owner], [lease_until], [lease_token]), UPDATE ([id], [job_key], [kind], [due_at], [attempts], [woken_at], [lease_owner], [lease_until], [lease_token]) ON dbo.[job] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[service] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([name], [last_run], [last_result], [failed], [next_run], [woken_at], [claim_owner], [claim_until]), UPDATE ([name], [last_run], [last_result], [failed], [next_run], [woken_at], [claim_owner], [claim_until]) ON dbo.[service] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[audit_log] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([chain], [seq], [at], [kind], [outcome], [actor], [object], [detail], [hash]), UPDATE ([chain], [seq], [at], [kind], [outcome], [actor], [object], [detail], [hash]) ON dbo.[audit_log] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[audit_head] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([chain], [seq], [hash]), UPDATE ([chain], [seq], [hash]) ON dbo.[audit_head] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[audit_tree_head] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([chain], [size], [digest], [body], [signature]), UPDATE ([chain], [size], [digest], [body], [signature]) ON dbo.[audit_tree_head] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[issued] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([authority], [serial], [reference], [spki_sha256], [not_after], [issued_at]), UPDATE ([authority], [serial], [reference], [spki_sha256], [not_after], [issued_at]) ON dbo.[issued] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[issued_der] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([authority], [serial], [der]), UPDATE ([authority], [serial], [der]) ON dbo.[issued_der] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[revocation] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([authority], [serial], [revoked_at], [reason], [not_after]), UPDATE ([authority], [serial], [revoked_at], [reason], [not_after]) ON dbo.[revocation] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[crl_number] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([authority], [number]), UPDATE ([authority], [number]) ON dbo.[crl_number] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[installation] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([id], [name], [certificate_der], [asked_at], [seen_at], [version], [role]), UPDATE ([id], [name], [certificate_der], [asked_at], [seen_at], [version], [role]) ON dbo.[installation] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[admission] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([seq], [body], [signature]), UPDATE ([seq], [body], [signature]) ON dbo.[admission] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[setting] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([name], [body], [version], [changed_at], [changed_by]), UPDATE ([name], [body], [version], [changed_at], [changed_by]) ON dbo.[setting] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[secret] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([name], [sealed], [sealed_at]), UPDATE ([name], [sealed], [sealed_at]) ON dbo.[secret] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[budget] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([name], [free_at], [rest_until]), UPDATE ([name], [free_at], [rest_until]) ON dbo.[budget] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[schema_info] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([version], [min_client]), UPDATE ([version], [min_client]) ON dbo.[schema_info] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT, INSERT, UPDATE, DELETE ON dbo.[schema_step] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];
REVOKE SELECT ([version], [name], [checksum], [applied_at]), UPDATE ([version], [name], [checksum], [applied_at]) ON dbo.[schema_step] FROM [sealwright_admin], [sealwright_manager], [sealwright_kra], [sealwright_auditor], [sealwright_helpdesk], [sealwright_daemon], [sealwright_portal];

-- administrator: sets up authorities, templates, settings and installations; orders and revokes.
GRANT SELECT, UPDATE ([due]) ON dbo.[subscriber] TO [sealwright_admin];
GRANT SELECT ON dbo.[subscriber_name] TO [sealwright_admin];
GRANT SELECT ON dbo.[membership] TO [sealwright_admin];
GRANT SELECT ON dbo.[mailbox_holder] TO [sealwright_admin];
GRANT SELECT ON dbo.[skip] TO [sealwright_admin];
GRANT SELECT, INSERT, UPDATE ([name], [name_lc], [version], [changed_at], [changed_by]) ON dbo.[template] TO [sealwright_admin];
GRANT SELECT, INSERT, UPDATE ([body]) ON dbo.[template_body] TO [sealwright_admin];
GRANT SELECT, INSERT ON dbo.[authority] TO [sealwright_admin];
GRANT SELECT, INSERT, UPDATE ([sealed]) ON dbo.[authority_secret] TO [sealwright_admin];
GRANT SELECT, INSERT, DELETE ON dbo.[kra] TO [sealwright_admin];
GRANT SELECT, INSERT, UPDATE ([station], [state], [ticket], [certificate], [attempts], [last_error], [updated_at], [open_key]) ON dbo.[enrollment] TO [sealwright_admin];
GRANT SELECT, INSERT ON dbo.[journal] TO [sealwright_admin];
GRANT SELECT, INSERT, UPDATE ([state], [revoked_at], [revoked_reason]) ON dbo.[certificate] TO [sealwright_admin];
GRANT SELECT ([enrollment], [certificate], [spki_sha256], [kra_thumbprints], [sealed_at]), INSERT ON dbo.[archived_key] TO [sealwright_admin];
GRANT SELECT ([enrollment]) ON dbo.[inflight_key] TO [sealwright_admin];
GRANT SELECT, INSERT ON dbo.[certificate_der] TO [sealwright_admin];
GRANT SELECT, INSERT ON dbo.[chain_link] TO [sealwright_admin];
GRANT SELECT, INSERT, UPDATE ([state], [record], [at]) ON dbo.[delivery] TO [sealwright_admin];
GRANT SELECT, INSERT, UPDATE ([due_at], [woken_at]) ON dbo.[job] TO [sealwright_admin];
GRANT SELECT, INSERT, UPDATE ([next_run], [woken_at]) ON dbo.[service] TO [sealwright_admin];
GRANT SELECT, INSERT ON dbo.[audit_log] TO [sealwright_admin];
GRANT SELECT, UPDATE ([seq], [hash]) ON dbo.[audit_head] TO [sealwright_admin];
GRANT SELECT, INSERT ON dbo.[audit_tree_head] TO [sealwright_admin];
GRANT SELECT ON dbo.[issued] TO [sealwright_admin];
GRANT SELECT ON dbo.[revocation] TO [sealwright_admin];
GRANT SELECT, INSERT, UPDATE ([number]) ON dbo.[crl_number] TO [sealwright_admin];
GRANT SELECT, INSERT, UPDATE ([name], [certificate_der], [asked_at], [seen_at], [version], [role]), DELETE ON dbo.[installation] TO [sealwright_admin];
GRANT SELECT, INSERT ON dbo.[admission] TO [sealwright_admin];
GRANT SELECT, INSERT, UPDATE ([body], [version], [changed_at], [changed_by]), DELETE ON dbo.[setting] TO [sealwright_admin];
GRANT SELECT, INSERT, UPDATE ([sealed], [sealed_at]), DELETE ON dbo.[secret] TO [sealwright_admin];
GRANT SELECT, INSERT, UPDATE ([free_at], [rest_until]) ON dbo.[budget] TO [sealwright_admin];
GRANT SELECT ON dbo.[schema_info] TO [sealwright_admin];
GRANT SELECT ON dbo.[schema_step] TO [sealwright_admin];

-- certificate manager: orders, retries, renews and revokes certificates.
GRANT SELECT, UPDATE ([due]) ON dbo.[subscriber] TO [sealwright_manager];
GRANT SELECT ON dbo.[subscriber_name] TO [sealwright_manager];
GRANT SELECT ON dbo.[membership] TO [sealwright_manager];
GRANT SELECT ON dbo.[mailbox_holder] TO [sealwright_manager];
GRANT SELECT ON dbo.[skip] TO [sealwright_manager];
GRANT SELECT ON dbo.[template] TO [sealwright_manager];
GRANT SELECT ON dbo.[template_body] TO [sealwright_manager];
GRANT SELECT ON dbo.[authority] TO [sealwright_manager];
GRANT SELECT ON dbo.[kra] TO [sealwright_manager];
GRANT SELECT, INSERT, UPDATE ([station], [state], [ticket], [certificate], [attempts], [last_error], [updated_at], [open_key]) ON dbo.[enrollment] TO [sealwright_manager];
GRANT SELECT, INSERT ON dbo.[journal] TO [sealwright_manager];
GRANT SELECT, INSERT, UPDATE ([state], [revoked_at], [revoked_reason]) ON dbo.[certificate] TO [sealwright_manager];
GRANT SELECT ([enrollment], [certificate], [spki_sha256], [kra_thumbprints], [sealed_at]), INSERT ON dbo.[archived_key] TO [sealwright_manager];
GRANT SELECT ([enrollment]) ON dbo.[inflight_key] TO [sealwright_manager];
GRANT SELECT, INSERT ON dbo.[certificate_der] TO [sealwright_manager];
GRANT SELECT, INSERT ON dbo.[chain_link] TO [sealwright_manager];
GRANT SELECT ON dbo.[delivery] TO [sealwright_manager];
GRANT SELECT, INSERT, UPDATE ([due_at], [woken_at]) ON dbo.[job] TO [sealwright_manager];
GRANT SELECT, INSERT, UPDATE ([next_run], [woken_at]) ON dbo.[service] TO [sealwright_manager];
GRANT SELECT, INSERT ON dbo.[audit_log] TO [sealwright_manager];
GRANT SELECT, UPDATE ([seq], [hash]) ON dbo.[audit_head] TO [sealwright_manager];
GRANT SELECT, INSERT ON dbo.[audit_tree_head] TO [sealwright_manager];
GRANT SELECT, INSERT, UPDATE ([name], [certificate_der], [asked_at], [seen_at], [version], [role]) ON dbo.[installation] TO [sealwright_manager];
GRANT SELECT ON dbo.[admission] TO [sealwright_manager];
GRANT SELECT ON dbo.[setting] TO [sealwright_manager];
GRANT SELECT ON dbo.[schema_info] TO [sealwright_manager];
GRANT SELECT ON dbo.[schema_step] TO [sealwright_manager];

-- KRA officer: opens archived keys, with the private key that only the officer has.
GRANT SELECT ON dbo.[subscriber] TO [sealwright_kra];
GRANT SELECT ON dbo.[subscriber_name] TO [sealwright_kra];
GRANT SELECT ON dbo.[membership] TO [sealwright_kra];
GRANT SELECT ON dbo.[mailbox_holder] TO [sealwright_kra];
GRANT SELECT ON dbo.[skip] TO [sealwright_kra];
GRANT SELECT ON dbo.[template] TO [sealwright_kra];
GRANT SELECT ON dbo.[template_body] TO [sealwright_kra];
GRANT SELECT ON dbo.[authority] TO [sealwright_kra];
GRANT SELECT ON dbo.[kra] TO [sealwright_kra];
GRANT SELECT ON dbo.[enrollment] TO [sealwright_kra];
GRANT SELECT ON dbo.[journal] TO [sealwright_kra];
GRANT SELECT ON dbo.[certificate] TO [sealwright_kra];
GRANT SELECT ON dbo.[archived_key] TO [sealwright_kra];
GRANT SELECT ([enrollment]) ON dbo.[inflight_key] TO [sealwright_kra];
GRANT SELECT ON dbo.[certificate_der] TO [sealwright_kra];
GRANT SELECT ON dbo.[chain_link] TO [sealwright_kra];
GRANT SELECT, UPDATE ([state], [record], [at]) ON dbo.[delivery] TO [sealwright_kra];
GRANT SELECT ON dbo.[job] TO [sealwright_kra];
GRANT SELECT ON dbo.[service] TO [sealwright_kra];
GRANT SELECT, INSERT ON dbo.[audit_log] TO [sealwright_kra];
GRANT SELECT, UPDATE ([seq], [hash]) ON dbo.[audit_head] TO [sealwright_kra];
GRANT SELECT, INSERT ON dbo.[audit_tree_head] TO [sealwright_kra];
GRANT SELECT, INSERT, UPDATE ([name], [certificate_der], [asked_at], [seen_at], [version], [role]) ON dbo.[installation] TO [sealwright_kra];
GRANT SELECT ON dbo.[admission] TO [sealwright_kra];
GRANT SELECT ON dbo.[setting] TO [sealwright_kra];
GRANT SELECT ON dbo.[schema_info] TO [sealwright_kra];
GRANT SELECT ON dbo.[schema_step] TO [sealwright_kra];

-- auditor: reads everything that is not secret, writes nothing.
GRANT SELECT ON dbo.[subscriber] TO [sealwright_auditor];
GRANT SELECT ON dbo.[subscriber_name] TO [sealwright_auditor];
GRANT SELECT ON dbo.[membership] TO [sealwright_auditor];
GRANT SELECT ON dbo.[mailbox_holder] TO [sealwright_auditor];
GRANT SELECT ON dbo.[skip] TO [sealwright_auditor];
GRANT SELECT ON dbo.[template] TO [sealwright_auditor];
GRANT SELECT ON dbo.[template_body] TO [sealwright_auditor];
GRANT SELECT ON dbo.[authority] TO [sealwright_auditor];
GRANT SELECT ON dbo.[kra] TO [sealwright_auditor];
GRANT SELECT ON dbo.[enrollment] TO [sealwright_auditor];
GRANT SELECT ON dbo.[journal] TO [sealwright_auditor];
GRANT SELECT ON dbo.[certification_request] TO [sealwright_auditor];
GRANT SELECT ON dbo.[certificate] TO [sealwright_auditor];
GRANT SELECT ([enrollment], [certificate], [spki_sha256], [kra_thumbprints], [sealed_at]) ON dbo.[archived_key] TO [sealwright_auditor];
GRANT SELECT ([enrollment]) ON dbo.[inflight_key] TO [sealwright_auditor];
GRANT SELECT ON dbo.[certificate_der] TO [sealwright_auditor];
GRANT SELECT ON dbo.[chain_link] TO [sealwright_auditor];
GRANT SELECT ON dbo.[delivery] TO [sealwright_auditor];
GRANT SELECT ON dbo.[job] TO [sealwright_auditor];
GRANT SELECT ON dbo.[service] TO [sealwright_auditor];
GRANT SELECT ON dbo.[audit_log] TO [sealwright_auditor];
GRANT SELECT ON dbo.[audit_head] TO [sealwright_auditor];
GRANT SELECT ON dbo.[audit_tree_head] TO [sealwright_auditor];
GRANT SELECT ON dbo.[issued] TO [sealwright_auditor];
GRANT SELECT ON dbo.[issued_der] TO [sealwright_auditor];
GRANT SELECT ON dbo.[revocation] TO [sealwright_auditor];
GRANT SELECT ON dbo.[crl_number] TO [sealwright_auditor];
GRANT SELECT ON dbo.[installation] TO [sealwright_auditor];
GRANT SELECT ON dbo.[admission] TO [sealwright_auditor];
GRANT SELECT ON dbo.[setting] TO [sealwright_auditor];
GRANT SELECT ON dbo.[schema_info] TO [sealwright_auditor];
GRANT SELECT ON dbo.[schema_step] TO [sealwright_auditor];

-- help desk: sees people, certificates and how far they came, writes nothing.
GRANT SELECT ON dbo.[subscriber] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[subscriber_name] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[membership] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[mailbox_holder] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[skip] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[template] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[template_body] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[authority] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[kra] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[enrollment] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[journal] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[certificate] TO [sealwright_helpdesk];
GRANT SELECT ([enrollment], [certificate], [spki_sha256], [kra_thumbprints], [sealed_at]) ON dbo.[archived_key] TO [sealwright_helpdesk];
GRANT SELECT ([enrollment]) ON dbo.[inflight_key] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[certificate_der] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[chain_link] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[delivery] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[job] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[service] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[installation] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[admission] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[setting] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[schema_info] TO [sealwright_helpdesk];
GRANT SELECT ON dbo.[schema_step] TO [sealwright_helpdesk];

-- daemon: does the work: reads the directory, enrolls, delivers, revokes.
GRANT SELECT, INSERT, UPDATE ([kind], [upn], [mail], [aliases], [display_name], [given_name], [surname], [enabled], [sid], [seen_at], [gone_at], [sort_lc], [due]) ON dbo.[subscriber] TO [sealwright_daemon];
GRANT SELECT, INSERT, DELETE ON dbo.[subscriber_name] TO [sealwright_daemon];
GRANT SELECT, INSERT, DELETE ON dbo.[membership] TO [sealwright_daemon];
GRANT SELECT, INSERT, DELETE ON dbo.[mailbox_holder] TO [sealwright_daemon];
GRANT SELECT, INSERT, DELETE ON dbo.[skip] TO [sealwright_daemon];
GRANT SELECT, INSERT, UPDATE ([delta_link], [full_at], [read_at]), DELETE ON dbo.[sync_cursor] TO [sealwright_daemon];
GRANT SELECT ON dbo.[template] TO [sealwright_daemon];
GRANT SELECT ON dbo.[template_body] TO [sealwright_daemon];
GRANT SELECT ON dbo.[authority] TO [sealwright_daemon];
GRANT SELECT, UPDATE ([sealed]) ON dbo.[authority_secret] TO [sealwright_daemon];
GRANT SELECT ON dbo.[kra] TO [sealwright_daemon];
GRANT SELECT, INSERT, UPDATE ([station], [state], [ticket], [certificate], [attempts], [last_error], [updated_at], [open_key]) ON dbo.[enrollment] TO [sealwright_daemon];
GRANT SELECT, INSERT ON dbo.[journal] TO [sealwright_daemon];
GRANT SELECT, INSERT ON dbo.[certification_request] TO [sealwright_daemon];
GRANT SELECT, INSERT, UPDATE ([state], [revoked_at], [revoked_reason], [archived], [checked_at]) ON dbo.[certificate] TO [sealwright_daemon];
GRANT SELECT ([enrollment], [certificate], [spki_sha256], [kra_thumbprints], [sealed_at]), INSERT, UPDATE ([certificate]) ON dbo.[archived_key] TO [sealwright_daemon];
GRANT SELECT, INSERT, UPDATE ([envelope]), DELETE ON dbo.[inflight_key] TO [sealwright_daemon];
GRANT SELECT, INSERT ON dbo.[certificate_der] TO [sealwright_daemon];
GRANT SELECT, INSERT ON dbo.[chain_link] TO [sealwright_daemon];
GRANT SELECT, INSERT, UPDATE ([state], [record], [at]) ON dbo.[delivery] TO [sealwright_daemon];
GRANT SELECT, INSERT, UPDATE ([due_at], [attempts], [woken_at], [lease_owner], [lease_until], [lease_token]), DELETE ON dbo.[job] TO [sealwright_daemon];
GRANT SELECT, INSERT, UPDATE ([last_run], [last_result], [failed], [next_run], [woken_at], [claim_owner], [claim_until]) ON dbo.[service] TO [sealwright_daemon];
GRANT SELECT, INSERT ON dbo.[audit_log] TO [sealwright_daemon];
GRANT SELECT, UPDATE ([seq], [hash]) ON dbo.[audit_head] TO [sealwright_daemon];
GRANT SELECT, INSERT ON dbo.[audit_tree_head] TO [sealwright_daemon];
GRANT SELECT, INSERT ON dbo.[issued] TO [sealwright_daemon];
GRANT SELECT, INSERT ON dbo.[issued_der] TO [sealwright_daemon];
GRANT SELECT, INSERT ON dbo.[revocation] TO [sealwright_daemon];
GRANT SELECT, INSERT, UPDATE ([number]) ON dbo.[crl_number] TO [sealwright_daemon];
GRANT SELECT, INSERT, UPDATE ([name], [certificate_der], [asked_at], [seen_at], [version], [role]) ON dbo.[installation] TO [sealwright_daemon];
GRANT SELECT ON dbo.[admission] TO [sealwright_daemon];
GRANT SELECT ON dbo.[setting] TO [sealwright_daemon];
GRANT SELECT, UPDATE ([sealed], [sealed_at]) ON dbo.[secret] TO [sealwright_daemon];
GRANT SELECT, INSERT, UPDATE ([free_at], [rest_until]) ON dbo.[budget] TO [sealwright_daemon];
GRANT SELECT ON dbo.[schema_info] TO [sealwright_daemon];
GRANT SELECT ON dbo.[schema_step] TO [sealwright_daemon];

-- portal: shows owners their certificates and takes their wish to revoke one.
GRANT SELECT, UPDATE ([due]) ON dbo.[subscriber] TO [sealwright_portal];
GRANT SELECT ON dbo.[subscriber_name] TO [sealwright_portal];
GRANT SELECT ON dbo.[membership] TO [sealwright_portal];
GRANT SELECT ON dbo.[mailbox_holder] TO [sealwright_portal];
GRANT SELECT ON dbo.[template] TO [sealwright_portal];
GRANT SELECT ON dbo.[template_body] TO [sealwright_portal];
GRANT SELECT ON dbo.[authority] TO [sealwright_portal];
GRANT SELECT ON dbo.[kra] TO [sealwright_portal];
GRANT SELECT ON dbo.[enrollment] TO [sealwright_portal];
GRANT SELECT ON dbo.[certificate] TO [sealwright_portal];
GRANT SELECT ([enrollment], [certificate], [kra_thumbprints], [sealed_at]) ON dbo.[archived_key] TO [sealwright_portal];
GRANT SELECT ON dbo.[certificate_der] TO [sealwright_portal];
GRANT SELECT ON dbo.[chain_link] TO [sealwright_portal];
GRANT SELECT ON dbo.[delivery] TO [sealwright_portal];
GRANT SELECT ([job_key], [due_at]), INSERT, UPDATE ([due_at]) ON dbo.[job] TO [sealwright_portal];
GRANT INSERT ON dbo.[audit_log] TO [sealwright_portal];
GRANT SELECT, UPDATE ([seq], [hash]) ON dbo.[audit_head] TO [sealwright_portal];
GRANT SELECT ON dbo.[installation] TO [sealwright_portal];
GRANT SELECT ON dbo.[admission] TO [sealwright_portal];
GRANT SELECT ON dbo.[setting] TO [sealwright_portal];
GRANT SELECT ON dbo.[schema_info] TO [sealwright_portal];
GRANT SELECT ON dbo.[schema_step] TO [sealwright_portal];

COMMIT;

-- Users, one of these each:
--
--   CREATE USER [Certificate managers] FROM EXTERNAL PROVIDER;    -- a group, person or managed identity of Entra ID
--   CREATE USER [CONTOSO\Certificate managers] FROM WINDOWS;      -- a group or person of Windows
--   CREATE LOGIN seal_daemon WITH PASSWORD = '...';  CREATE USER seal_daemon FOR LOGIN seal_daemon;
--
--   ALTER ROLE [sealwright_manager] ADD MEMBER [Certificate managers];
--   ALTER ROLE [sealwright_daemon] ADD MEMBER seal_daemon;
