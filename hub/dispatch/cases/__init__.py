"""What people do about incidents: reports, approvals, verification, and what follows."""
