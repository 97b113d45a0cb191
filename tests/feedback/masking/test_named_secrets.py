import pytest

from feedback.masking import Options, mask_text, mask_value


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("APP_PASSWORD=Blue!Horse7", "APP_PASSWORD=[SECRET]"),
        ("export PGPASSWORD=horses", "export PGPASSWORD=[SECRET]"),
        ("Host=db;Uid=app;Pwd=horses;Port=1", "Host=db;Uid=app;Pwd=[SECRET];Port=1"),
        ("Server=db;Database=x;Password=horses", "Server=db;Database=x;Password=[SECRET]"),
        ('{"password": "Blue!Horse7"}', '{"password": "[SECRET]"}'),
        ('{\\"passwd\\": \\"Blue!Horse7\\"}', '{\\"passwd\\": \\"[SECRET]\\"}'),
        ("password: Blue!Horse7\nuser: app", "password: [SECRET]\nuser: app"),
        ("    db_pass: 'Blue!Horse7'", "    db_pass: '[SECRET]'"),
        ("spring.datasource.password=horse7", "spring.datasource.password=[SECRET]"),
        ("const dbPassword = `Blue!Horse7`;", "const dbPassword = `[SECRET]`;"),
        ("'pwd' => 'Blue!Horse7',", "'pwd' => '[SECRET]',"),
        ("password: str = 'Blue!Horse7'", "password: str = '[SECRET]'"),
        ("<Password>Blue!Horse7</Password>", "<Password>[SECRET]</Password>"),
        ("curl -u ann:Blue!Horse7 https://x.example", "curl -u ann:[SECRET] https://x.example"),
        ("curl -s --user 'ann:Blue!Horse7' https://x.example", "curl -s --user 'ann:[SECRET]' https://x.example"),
        ("mysql -h db -u root -pBlue7Horse shop", "mysql -h db -u root -p[SECRET] shop"),
        ("tool --password Blue!Horse7 --port 1", "tool --password [SECRET] --port 1"),
        ("Cookie: sid=9c1f0e22aa; theme=dark", "Cookie: sid=[SECRET]; theme=dark"),
        ("Set-Cookie: sid=9c1f0e22aa; Path=/; Max-Age=36000000", "Set-Cookie: sid=[SECRET]; Path=/; Max-Age=36000000"),
        ("secret = '0f3a9c11d2e84b7765aa'", "secret = '[SECRET]'"),
        ("X-Auth-Token: 0f3a9c11d2e84b77", "X-Auth-Token: [SECRET]"),
        ("ENCRYPTION_KEY=QmFzZUtleUZvclRlc3Rz", "ENCRYPTION_KEY=[SECRET]"),
    ],
)
def test_a_name_reveals_a_secret(text, masked):
    assert mask_text(text).text == masked
    assert mask_text(masked).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "the password is hunter2, and a password should be long",
        "Password: required. Passwords: at least 12 characters",
        "password = os.environ['DB_PASSWORD']; password=user.password",
        "password=getpass(); password = request.form['password']",
        "password: str = Field(min_length=8), password=None, password=password",
        "PASSWORD=<your password> PASSWORD=${DB_PASSWORD} PASSWORD=********",
        "if password == 'Blue!Horse7': compass: n0rth7",
        "token_count: 123456789012, max_tokens=4096, token: 12345, 'token': 'Hello'",
        "primary_key=customer_id, sort_key: created_at_timestamp, key=lambda row: row.id",
        "type='password' placeholder='Password' <input name=password>",
        "secret = load_secret_from_vault(name); api_key = settings.API_KEY",
        "git log -p --no-color; docker run -p 8080:80 -u 1000:1000 image",
        "Cookie consent banner: cookies=accepted",
    ],
)
def test_what_only_speaks_of_secrets_stays(text):
    assert mask_text(text).text == text


def test_keys_of_metadata_say_what_is_secret():
    masked = mask_value(
        {
            "password": "correct horse",
            "db": {"pwd": "blue7horse"},
            "clientSecret": "0f3a9c11d2e84b7765aa",
            "password2": 12345678,
            "logprobs": [{"token": "Hello", "logprob": -0.5}],
            "compass": "north",
            "token_count": 123456,
        }
    )

    assert masked.value == {
        "password": "[SECRET]",
        "db": {"pwd": "[SECRET]"},
        "clientSecret": "[SECRET]",
        "password2": "[SECRET]",
        "logprobs": [{"token": "Hello", "logprob": -0.5}],
        "compass": "north",
        "token_count": 123456,
    }
    assert masked.counts == {"SECRET": 4}


def test_an_installation_names_further_secrets():
    options = Options(secret_names=frozenset({"vault_pin"}))

    assert mask_text("vault-pin: 7741", options=options).text == "vault-pin: [SECRET]"
    assert mask_value({"vaultPin": "7741"}, options=options).value == {"vaultPin": "[SECRET]"}
    assert mask_value({"vaultPin": "7741"}).value == {"vaultPin": "7741"}
