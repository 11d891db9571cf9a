-- Sealwright on SQL Server 2019 or newer and Azure SQL: ends sessions that hold locks and ask for nothing.
--
-- A program that is stopped in the middle of a unit of work, on a machine that goes on running, keeps its locks: SQL Server
-- has no limit for that (MySQL and MariaDB have one, and the program sets it). Nothing is lost when its session is ended:
-- the unit is undone, and the program tries again when it goes on. A unit of work asks for nothing for milliseconds, and for
-- some seconds while data are moved in.
--
-- Optional. As a step of a job of SQL Server Agent (on Azure SQL: of an elastic job), every minute, by an account that may
-- see and end all sessions: VIEW SERVER STATE and ALTER ANY CONNECTION, on Azure SQL VIEW DATABASE STATE and KILL DATABASE
-- CONNECTION. No role of the program has these rights, and none needs them. In the database of the program.

DECLARE @ends NVARCHAR(MAX);

SELECT @ends = STRING_AGG(CAST(N'KILL ' + CAST(session_id AS NVARCHAR(10)) AS NVARCHAR(MAX)), N'; ')
FROM sys.dm_exec_sessions
WHERE database_id = DB_ID() AND program_name = N'Sealwright' AND status = N'sleeping'
  AND open_transaction_count > 0 AND last_request_end_time < DATEADD(second, -60, GETDATE());

IF @ends IS NOT NULL
  EXEC sys.sp_executesql @ends;
