"""Rosters in the layouts of learning management systems, with odd names.

Written after the pages that ``autograder.people.files.columns`` names.
"""

from __future__ import annotations

CANVAS_GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section,conv (4711),Current Score
    Points Possible,,,,,24.0,(read only)
"Lovelace, Ada",1203,00077,ada,"CS 1, A",20.5,85.4
"O'Brien-Sørensen, Zoë",1204,00078,zoe,B,,
孙悟空,1205,00079,wukong,B,EX,
"Student, Test",9999,,3f2a9b,B,,
"""

CANVAS_NAMES_APART = """\
LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,conv (4711)
Points Possible,,,,,,24.0
Lovelace,Ada,1203,00077,ada,A,20
"""

CANVAS_NO_LOGIN = """\
Student,ID,SIS User ID,SIS Login ID,Section,conv (4711)
    Points Possible,,,,,24.0
"Lovelace, Ada",1203,,,A,20
"Student, Test",9999,,,A,
"""

CANVAS_PEOPLE = """\
Name,Login ID,SIS ID,Section,Role
Ada Lovelace,ada,00077,A,Student
Grace Hopper,grace,00080,A,TA
Barbara Liskov,barbara,00081,A,Teacher
Ada Lovelace,ada,00077,B,Student
"""

MOODLE_PEOPLE = """\
"First name","Last name","ID number","Email address",Groups
Ada,Lovelace,00077,ada@example.org,"Group 1, Group 2"
محمد,الخوارزمي,00078,alkhwarizmi@example.org,
Suharto,,00079,suharto@example.org,"Group 1"
"""

MOODLE_GERMAN = """\
Vorname;Nachname;Anmeldename;Matrikelnummer;E-Mail-Adresse;Gruppen;Rollen
Jürgen;Groß-Müller;jgross;0012345;j.gross@example.org;Übung 1;Teilnehmer/in
Ada;Lovelace;ada;0012346;ada@example.org;Übung 2;Teilnehmer/in
Emmy;Noether;noether;0012347;e.noether@example.org;;Dozent/in
"""

MOODLE_WORKSHEET = """\
Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed"
"Participant 4411","Ada Lovelace",ada@example.org,"Submitted for grading",,24.00,Yes
"Participant 4412","Zoë O'Brien",zoe@example.org,"No submission",,24.00,Yes
"""

GRADESCOPE = """\
First Name,Last Name,SID,Email,Role,Sections
Ada,Lovelace,00077,ada@example.org,Student,A
Zoë,O'Brien,00078,zoe@example.org,Student,
Grace,Hopper,,grace@example.org,TA,
"""

PLAIN = """\
email,id,name
ada@example.org,ada,"Lovelace, Ada"
,bob,Bob
"""
