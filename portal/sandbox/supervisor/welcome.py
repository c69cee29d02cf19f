"""What the terminal shows once the demo is ready."""

from portal.sandbox.supervisor.plan import Plan

TEXT = """
Ready. Ctrl-C stops everything.

  Blocked users start at         {portal}/
  Every mail lands in            {portal}/sandbox/mailbox/
  Tenants, accounts, switches    {portal}/sandbox/
  The support desk               {portal}/desk/     agent@acme.example, password demo
  The back office                {portal}/admin/    lead@acme.example, password demo
  The simulated Microsoft        {microsoft}/

Three things to try

  1. Be everybody. At {portal}/?app=acme-calendar ask as ana@contoso.example, with
     AADSTS90094 as the pasted text and admin@contoso.example as the administrator. Confirm
     from the mailbox, open the administrator's mail, continue, sign in as
     admin@contoso.example and accept. Ana's good news is in the mailbox seconds later.
  2. Approve without our link. Ask as ben@relecloud.example, then approve as if in
     Microsoft's own portal; the worker finds it by itself within two minutes:
       curl -X PATCH {microsoft}/_control/state -H 'Content-Type: application/json' \\
         -d '{{"grants": [{{"tenant": "relecloud.example", "app": "acme-calendar",
              "by": "admin@relecloud.example"}}]}}'
     (or press Grant at {microsoft}/). Ben is invited to test; his test makes his ticket
     ready.
  3. Say no. Ask as eva@adatum.example, decline from the administrator's mail with a reason,
     and read at the desk what an agent sees and can do.

Each process writes a log in {folder}/
"""


def welcome(plan: Plan) -> str:
    """Addresses, logins and three things to try."""
    return TEXT.format(portal=plan.portal_url, microsoft=plan.microsoft_url, folder=plan.folder)
