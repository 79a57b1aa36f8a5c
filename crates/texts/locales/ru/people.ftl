# Что кому можно.
role-viewer = наблюдатель
role-admin = администратор
role-owner = владелец
role-none = никакой

# Авторы не из Telegram.
author-operator = оператор { $name }
author-file = файл, найденный при запуске
actor-file = файл { $name }
