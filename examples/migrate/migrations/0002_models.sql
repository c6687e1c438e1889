-- A semicolon in a string ends nothing.
CREATE TABLE models (name VARCHAR(64) NOT NULL, note VARCHAR(200));
INSERT INTO models VALUES ('embed', 'small; cheap'), ('chat', 'large');
